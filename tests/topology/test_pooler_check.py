"""Whether the check of poolers sees a real one."""

from tests.topology.site import manage

CHECK = ("check", "--database", "default")


def test_prepared_statements_behind_a_pooler_are_warned_of(primary, pooled):
    warned = manage(pooled, *CHECK).stderr
    without = manage(pooled, *CHECK, DATABASE_PREPARE="off").stderr
    direct = manage(primary.url, *CHECK).stderr

    assert "users.W040" in warned
    assert "users.W040" not in without
    assert "users.W040" not in direct
