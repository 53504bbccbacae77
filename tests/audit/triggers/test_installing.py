"""What is missing is found and mended, and putting the triggers on costs the same for a million rows as for none."""

import pytest
from django.db import connection, transaction

from audit import triggers
from audit.triggers import postgresql, sqlite
from audit.triggers.vendor import Tables, UserTable
from tests.audit.refusals.attempts import run
from tests.audit.triggers.force import assert_in_force
from tests.factories import make_user
from users.states import State

TABLES = Tables(
    '"user_lifecycle_userfsm"',
    '"user_audit_userstateaudit"',
    UserTable('"auth_user"', '"id"'),
    '"is_active"',
    '"user_audit_schedulingnote"',
)
VENDOR = {"sqlite": sqlite, "postgresql": postgresql}[connection.vendor]

only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own")
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own")


@pytest.mark.django_db
def test_what_is_missing_or_not_as_it_should_be_is_named_and_mended():
    with connection.cursor() as cursor:
        names = sorted(VENDOR.wanted(VENDOR.tables(cursor, TABLES)))
    triggers.remove("default")
    assert triggers.missing("default") == names

    triggers.install("default")

    assert triggers.missing("default") == []


@only_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(
    "harm",
    [
        "ALTER TABLE user_audit_userstateaudit DISABLE TRIGGER audit_rule_record_is_kept",
        "ALTER TABLE user_audit_userstateaudit ENABLE TRIGGER audit_rule_record_is_kept",
        "DROP TRIGGER audit_rule_record_is_kept ON user_audit_userstateaudit",
        """CREATE OR REPLACE FUNCTION audit_rule_record_is_kept() RETURNS trigger LANGUAGE plpgsql
           AS 'BEGIN RETURN NULL; END'""",
        "COMMENT ON TRIGGER audit_rule_record_is_kept ON user_audit_userstateaudit IS 'of an earlier version'",
    ],
    ids=["off", "off for replicas", "dropped", "hollow", "of an earlier version"],
)
def test_harm_to_a_trigger_is_found_and_mended(harm):
    run(harm)
    assert triggers.missing("default") == ["audit_rule_record_is_kept"]

    triggers.install("default")

    assert triggers.missing("default") == []


@only_sqlite
@pytest.mark.django_db
def test_a_trigger_that_says_something_else_is_found_and_mended():
    run("DROP TRIGGER audit_rule_record_delete")
    run("CREATE TRIGGER audit_rule_record_delete BEFORE DELETE ON user_audit_userstateaudit BEGIN SELECT 1; END")
    run("CREATE TRIGGER audit_rule_of_old BEFORE DELETE ON user_audit_userstateaudit BEGIN SELECT 1; END")
    assert triggers.missing("default") == ["audit_rule_of_old", "audit_rule_record_delete"]

    triggers.install("default")

    assert triggers.missing("default") == []


@only_postgresql
@pytest.mark.django_db
def test_putting_them_on_reads_no_row_and_lets_readers_go_on():
    make_user(state=State.LOCKED)
    connection.check_constraints()
    triggers.remove("default")
    tables = "relname IN ('user_lifecycle_userfsm', 'user_audit_userstateaudit')"
    count = f"SELECT sum(seq_tup_read) + sum(coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE {tables}"
    with connection.cursor() as cursor:
        cursor.execute(count)
        before = cursor.fetchone()

        triggers.install("default")

        cursor.execute(count)
        assert cursor.fetchone() == before


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_putting_them_on_keeps_writers_waiting_but_no_readers():
    triggers.remove("default")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            triggers.install("default")
            cursor.execute(
                "SELECT DISTINCT mode FROM pg_locks l JOIN pg_class c ON c.oid = relation AND pid = pg_backend_pid() "
                "WHERE relname IN ('user_lifecycle_userfsm', 'user_audit_userstateaudit')"
            )
            assert {mode for (mode,) in cursor.fetchall()} <= {"ShareRowExclusiveLock", "AccessShareLock"}
    finally:
        triggers.install("default")


@only_sqlite
@pytest.mark.django_db
def test_putting_them_on_takes_as_many_steps_for_many_rows_as_for_none():
    def steps() -> int:
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        triggers.remove("default")
        connection.connection.set_progress_handler(step, 1)
        try:
            triggers.install("default")
        finally:
            connection.connection.set_progress_handler(None, 0)
        return count

    for_none = steps()
    for number in range(20):
        make_user(f"user {number}", state=State.LOCKED)

    assert steps() == for_none


@only_postgresql
@pytest.mark.django_db
def test_the_rows_they_read_do_not_grow_with_the_record():
    # A plan that a session makes while the table is small is kept while it grows.
    user = make_user()
    count = (
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'user_audit_userstateaudit'"
    )
    with connection.cursor() as cursor:

        def read_by_a_transition(name: str) -> int:
            cursor.execute(count)
            before = cursor.fetchone()[0]
            getattr(user.fsm, name)()
            cursor.execute(count)
            return int(cursor.fetchone()[0] - before)

        for _ in range(4):
            few = read_by_a_transition("lock") + read_by_a_transition("unlock")
        for number in range(40):
            make_user(f"user {number}", state=State.LOCKED)

        assert read_by_a_transition("lock") + read_by_a_transition("unlock") == few


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_migrating_another_schema_leaves_the_triggers_of_this_one(monkeypatch):
    models = triggers._models()
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA other")
        cursor.execute("SET search_path = other, public")
    try:
        # As django-tenants does: what is shared is in the search path, but is not among the tables.
        monkeypatch.setattr(connection.introspection, "table_names", lambda *args, **kwargs: [])
        triggers.remove("default")
        assert_in_force()
        monkeypatch.undo()

        with connection.cursor() as cursor:
            for model in models:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"CREATE TABLE other.{table} (LIKE public.{table} INCLUDING ALL)")
        triggers.install("default")
        assert not triggers.missing("default")
        triggers.remove("default")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = public")
            cursor.execute("DROP SCHEMA other CASCADE")

    assert set(connection.introspection.table_names()) == there
    assert not triggers.missing("default")
