"""Rows that nobody can read, which the owner of the tables can write: a finding each, and no end of anything else."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from audit.models import UserStateAudit
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db

RECORDS = UserStateAudit._meta.db_table

GARBAGE = {
    "postgresql": [
        ("datetime", "'infinity'"),
        ("datetime", "'-infinity'"),
        ("datetime", "'12026-01-01'"),
        ("datetime", "'0044-03-15 BC'"),
        ("locked_until", "'infinity'"),
    ],
    "sqlite": [
        ("datetime", "'infinity'"),
        ("datetime", "'2026-02-30 12:00:00'"),
        ("datetime", "'2026-01-01 24:00:00'"),
        ("datetime", "1790000000"),
        ("datetime", "x'00ff'"),
        ("datetime", "''"),
        ("datetime", "'10000-01-01 00:00:00'"),
        ("locked_until", "'tomorrow'"),
    ],
}
UNREADABLE_BY_SQLITE_ALONE = [("details", "'{'"), ("username", "CAST(x'ff' AS TEXT)"), ("sequence", "'many'")]


@pytest.fixture
def spoil(tamper, people):
    """Writes a value into a column of Bob's third record, past the checks of the table."""

    def run(column: str, value: str) -> None:
        sql = f"UPDATE {RECORDS} SET {column} = {value} WHERE user_id = %s AND sequence = 3"
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = 1")
            tamper(sql, [people[1].pk])
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = 0")
        else:
            connection.check_constraints()  # PostgreSQL alters no table that something deferred waits for
            tamper(f"ALTER TABLE {RECORDS} DROP CONSTRAINT userstateaudit_times_are_sane")
            tamper(sql, [people[1].pk])

    return run


def pytest_generate_tests(metafunc):
    if "garbage" in metafunc.fixturenames:
        values = GARBAGE[metafunc.config.getoption("database")]
        metafunc.parametrize("garbage", values, ids=[f"{column}-{value}" for column, value in values])


def test_it_is_named_and_everything_else_is_verified(garbage, spoil, people, verify, tamper):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 4", [people[2].pk])
    spoil(*garbage)

    outcome = verify()

    assert outcome.exit_code == 1
    bobs = {(each["kind"], each["sequence"]) for each in outcome.findings if each["username"] == "bob"}
    assert bobs == {("unreadable", 3)}
    assert ("missing", "cyd", 4) in outcome.named
    assert outcome.summary["records"] == 17


def test_pages_show_it_as_such_and_do_not_fail(garbage, spoil, people, client):
    client.force_login(make_superuser("admin"))
    spoil(*garbage)
    bob = people[1]
    broken = UserStateAudit.objects.get(user_id=bob.pk, sequence=3)

    pages = [
        reverse("admin:user_audit_userstateaudit_changelist"),
        reverse("admin:user_audit_userstateaudit_changelist") + f"?user={bob.pk}",
        reverse("admin:user_audit_dashboard_changelist"),
        reverse("admin:user_audit_userstateaudit_change", args=[broken.pk]),
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_change", args=[bob.pk]),
    ]
    for page in pages:
        assert client.get(page).status_code == 200, page
    if garbage[0] == "datetime":
        assert "cannot be read" in client.get(pages[1]).text
        assert "cannot be read" in client.get(pages[3]).text
    export = client.get(reverse("admin:user_audit_userstateaudit_export"))
    assert len(b"".join(export.streaming_content).splitlines()) == 1 + UserStateAudit.objects.count()


def test_the_persons_own_page_does_not_fail(garbage, spoil, people, client):
    spoil(*garbage)
    client.force_login(people[1])

    assert client.get(reverse("home"), follow=True).status_code == 200


def test_no_checkpoint_is_taken_of_it(garbage, spoil):
    spoil(*garbage)

    with pytest.raises(CommandError, match="cannot be read"):
        call_command("audit_checkpoint", stdout=StringIO())


def test_it_can_be_declared_lost(garbage, spoil, verify):
    spoil(*garbage)
    call_command("audit_declare_loss", reason="an owner's mistake", stdout=StringIO())

    assert verify().exit_code == 0


@pytest.mark.parametrize(("column", "value"), UNREADABLE_BY_SQLITE_ALONE)
def test_sqlite_keeps_anything_in_any_column(spoil, verify, people, column, value):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL asks what a column may hold")
    spoil(column, value)

    outcome = verify()

    assert {each["kind"] for each in outcome.findings} & {"unreadable", "edited"}
    assert {each["username"] for each in outcome.findings} <= {"", "bob"}
    assert verify(jobs=1, resume=None).summary == outcome.summary


def test_an_account_that_cannot_be_read_is_named_and_the_others_are_verified(people, verify, tamper):
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = 1")
        tamper("UPDATE user_lifecycle_userfsm SET version = 'many' WHERE user_id = %s", [people[1].pk])
    else:
        connection.check_constraints()
        tamper("ALTER TABLE user_lifecycle_userfsm DROP CONSTRAINT userfsm_times_are_sane")
        tamper("ALTER TABLE user_lifecycle_userfsm DROP CONSTRAINT userfsm_only_locked_until")
        tamper("UPDATE user_lifecycle_userfsm SET locked_until = 'infinity' WHERE user_id = %s", [people[1].pk])
    tamper("UPDATE auth_user SET is_active = false WHERE id = %s", [people[2].pk])

    assert verify().named == [("unreadable", "bob", None), ("is_active", "cyd", None)]


def test_a_time_that_can_be_read_is_written_and_read_as_it_is(people):
    bob = people[1]
    until = datetime(2199, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    bob.fsm.lock(until=until)

    assert UserStateAudit.objects.of(bob).latest().locked_until == until
    assert User.objects.get(pk=bob.pk).fsm.locked_until == until


def test_the_pages_of_the_list_go_on_behind_it(garbage, spoil, people, client, monkeypatch):
    client.force_login(make_superuser("admin"))
    spoil(*garbage)
    monkeypatch.setattr("audit.administration.records.UserStateAuditAdmin.list_per_page", 1)
    page = reverse("admin:user_audit_userstateaudit_changelist")

    assert client.get(page).status_code == 200
    assert client.get(page + "?oldest=1").status_code == 200


@pytest.mark.parametrize("form", ["jsonl", "ocsf", "ocsf-user-management", "ecs", "csv"])
def test_it_is_exported_and_streamed_like_the_others(spoil, people, tmp_path, monkeypatch, form):
    monkeypatch.setattr("audit.stream.export.PAGE", 1)
    spoil("datetime", "'infinity'")
    kept = UserStateAudit.objects.count()

    call_command("audit_export", form=form, file=tmp_path / "export", stderr=StringIO())
    call_command("audit_stream", to=f"file:{tmp_path / 'stream'}", form=form, stderr=StringIO())

    for name in ("export", "stream"):
        assert len((tmp_path / name).read_text().splitlines()) == kept + (form == "csv")
