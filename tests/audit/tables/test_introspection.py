"""Django's own commands that read tables, or what migrations would do to them."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

OURS = ("user_lifecycle", "user_audit")


@pytest.mark.django_db
def test_inspectdb_reads_every_table():
    out = StringIO()

    call_command("inspectdb", stdout=out)

    assert "user_audit_userstateaudit" in out.getvalue()
    assert "Unable to inspect" not in out.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_sqlmigrate_prints_every_migration(backwards):
    for label, name in MigrationLoader(connection).disk_migrations:
        if label in OURS:
            call_command("sqlmigrate", label, name, backwards=backwards, stdout=StringIO())
