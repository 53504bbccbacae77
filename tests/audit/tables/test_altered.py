"""What the owner of the tables changes about them is named by the check of the database and by a verification."""

from pathlib import Path

import pytest
from django.db import connection, transaction

from audit import tables
from audit.checks.surroundings import check_tables_are_as_migrations_make_them, check_triggers_are_installed
from tests.audit.refusals.attempts import run
from tests.audit.tables.tamperings import TAMPERINGS, Tampering
from tests.factories import make_user

HERE = [each for each in TAMPERINGS if getattr(each, connection.vendor)]
SHOWN = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'kinds'::regclass AND attnum = 1"
PAGE = Path("docs/evidence.md").read_text()


def said() -> str:
    checks = (check_tables_are_as_migrations_make_them, check_triggers_are_installed)
    return "\n".join(message.msg for check in checks for message in check(None, databases=["default"]))


@pytest.mark.django_db
def test_tables_as_migrations_make_them_are_fine():
    assert tables.altered("default") == []
    assert not said()


@pytest.mark.django_db
def test_tables_that_a_migration_has_yet_to_make_are_not_named():
    connection.check_constraints()
    for model in tables.OURS:
        run(f"ALTER TABLE {model._meta.db_table} RENAME TO {model._meta.model_name}_elsewhere")

    assert tables.altered("default") == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite shows a type as it was written")
@pytest.mark.parametrize("kind", ["varchar(40)", "char(32)", "numeric(10, 0)", "bigint", "uuid", "varchar"])
@pytest.mark.django_db
def test_a_type_is_known_as_the_catalogue_shows_it(kind):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE kinds (key {kind})")
        cursor.execute(SHOWN)

        assert cursor.fetchone() == (tables.postgresql.as_shown(kind),)


@pytest.fixture
def undone_at_the_end(db):
    """Undo what the test does to the tables. SQLite's connection remembers an edited schema beyond the rollback."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":
        run("PRAGMA writable_schema = RESET")


@pytest.mark.usefixtures("undone_at_the_end")
@pytest.mark.parametrize("tampering", HERE, ids=lambda each: each.title)
def test_a_change_of_the_tables_is_named(tampering: Tampering, verify):
    make_user("ada")
    connection.check_constraints()  # PostgreSQL alters no table while deferred constraints are pending
    getattr(tampering, connection.vendor)()

    assert tampering.says in said()
    outcome = verify()
    assert outcome.exit_code == 1
    assert any(each["kind"] == "database" and tampering.says in each["message"] for each in outcome.findings)


def test_the_page_lists_all_of_them():
    section = PAGE.partition("\n## What the owner can change\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]

    assert rows == [each.row for each in TAMPERINGS]
