"""The triggers come with `migrate`, and go with it."""

import re
import shutil
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test.utils import CaptureQueriesContext

from audit import triggers
from audit.triggers.vendor import PREFIX
from tests.audit.triggers.force import assert_in_force
from tests.factories import make_user
from tests.truth import assert_true_record

COLUMNS = [("user_lifecycle", "userfsm", "version"), ("user_audit", "userstateaudit", "sequence")]
LATER = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("{app}", "{leaf}")]
    operations = [migrations.AlterField("{model}", "{column}", models.PositiveBigIntegerField())]
"""


def left() -> list[str]:
    """The triggers and functions that the database has, whichever table they are on."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE %s", [f"{PREFIX}%"])
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE starts_with(tgname, %s) "
                "UNION ALL SELECT proname FROM pg_proc WHERE starts_with(proname, %s)",
                [PREFIX, PREFIX],
            )
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture(params=COLUMNS, ids=["states", "records"])
def later(request, transactional_db, settings, tmp_path, monkeypatch) -> tuple[str, str]:
    """Puts a migration that alters a column behind those of an app; gives the app and the last one before it."""
    app, model, column = request.param
    package = tmp_path / f"later_{app}_migrations"
    shutil.copytree(
        Path(apps.get_app_config(app).path, "migrations"), package, ignore=shutil.ignore_patterns("__pycache__")
    )
    ((_, leaf),) = MigrationLoader(connection).graph.leaf_nodes(app)
    (package / "9999_later.py").write_text(LATER.format(app=app, model=model, column=column, leaf=leaf))
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {**settings.MIGRATION_MODULES, app: package.name}
    return app, leaf


@pytest.mark.django_db
def test_migrate_leaves_a_database_that_holds_all_rules():
    assert_in_force()


@pytest.mark.django_db(transaction=True)
def test_they_go_with_the_app_and_come_with_it():
    try:
        call_command("migrate", "user_audit", "zero", verbosity=0)
        assert left() == []
        assert triggers.missing("default") == []  # nothing is missed where the tables are not there
    finally:
        call_command("migrate", verbosity=0)

    assert_in_force()


@pytest.mark.django_db(transaction=True)
def test_a_migrate_that_stops_half_way_leaves_them_off_until_the_rest_is_applied():
    try:
        call_command("migrate", "user_lifecycle", "0009", verbosity=0)
        assert left() == []
    finally:
        call_command("migrate", verbosity=0)

    assert_in_force()


def test_they_are_there_again_after_a_migration_that_alters_either_table(later):
    user = make_user("bob")
    try:
        call_command("migrate", verbosity=0)
        assert_in_force()
    finally:
        call_command("migrate", *later, verbosity=0)

    assert triggers.missing("default") == []
    assert_true_record(user)


@pytest.mark.django_db(transaction=True)
def test_a_migrate_that_has_nothing_to_do_leaves_them_on_all_the_while():
    with CaptureQueriesContext(connection) as queries:
        call_command("migrate", verbosity=0)

    assert not [query["sql"] for query in queries if re.search("(CREATE|DROP) ", query["sql"])]


@pytest.mark.django_db
def test_migrations_of_other_apps_leave_them_on_where_they_can():
    assert triggers.in_the_way_of({"sessions"}, using="default") == (connection.vendor == "sqlite")
    for app in ("user_lifecycle", "user_audit", "auth"):
        assert triggers.in_the_way_of({app}, using="default")
    assert not triggers.in_the_way_of(set(), using="default")
