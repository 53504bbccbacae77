"""Each documented way to back up and restore ends with a record that verifies, triggers, and a transition made."""

import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from time_machine import escape_hatch

from audit.integrity.kept.declared import declare_disturbance
from tests.factories import make_user
from tests.servers.postgres import BINARIES, PACKAGE
from users import invitations
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)

TRANSITION = """
from django.contrib.auth.models import User
from users import invitations
User.objects.get(username="ada").fsm.lock(by="after the restore")
invitations.accept({token!r}, "a password that nobody guesses")
"""
FORMATS = ["json", "jsonl", "xml", "yaml"]


@pytest.fixture
def content(transactional_db, time_machine, tmp_path):
    """A record with everything that it may have; returns the token of an invitation that was not accepted yet."""
    time_machine.move_to("2020-05-01T12:00:00.123456+00:00")
    old = make_user("old")
    old.fsm.lock(by=old, description="zoë's “words”\n")
    old.fsm.unlock(by="system")
    gone = make_user("gone")
    gone.delete()
    time_machine.move_to(escape_hatch.datetime.datetime.now(UTC))  # the invitation has to be good in another process
    ada, bob = make_user("ada"), make_user("bob")
    until = bob.date_joined.replace(year=2030)
    bob.fsm.lock(by=ada, until=until, description="zoë's\r\n“words”", details={"failed_logins": 5, "ö": None})
    call_command("audit_checkpoint", file=tmp_path / "vault")
    call_command("audit_prune", before="2021-01-01", archive=tmp_path / "2020.gz")
    declare_disturbance(bob.date_joined, bob.date_joined, reason="tried", by="ops", using="default")
    invited = invitations.invite(email="eve@example.org", username="eve")
    return invitations.link(UserFSM.objects.get(user=invited)).rstrip("/").rpartition("/")[2]


class Project:
    """The project on another database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "AUDIT_SIGNING_KEYS": os.environ.get("AUDIT_SIGNING_KEYS", ""),
        }

    def manage(self, *arguments: str, fails: bool = False) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert bool(done.returncode) is fails, done.stdout + done.stderr
        return done.stdout if "--json" in arguments else done.stdout + done.stderr

    def is_whole(self, token: str, vault: Path) -> None:
        """Assert what every restore has to end with."""
        verified = self.manage("audit_verify", "--json", "--checkpoint", str(vault))
        assert json.loads(verified.splitlines()[-1])["findings"] == 0
        checked = self.manage("check", "--database", "default")
        assert "W003" not in checked
        self.manage("shell", "-c", TRANSITION.format(token=token))
        assert json.loads(self.manage("audit_verify", "--json").splitlines()[-1])["findings"] == 0
        refused = self.manage(
            "shell", "-c", "from users.models import *; UserFSM._base_manager.update(version=9)", fails=True
        )
        assert "RefusedByDatabase" in refused


@pytest.fixture
def restored(own_database_url):
    return Project(own_database_url)


def only(vendor: str) -> None:
    if connection.vendor != vendor:
        pytest.skip(f"a way of {vendor}")


# PostgreSQL


def postgresql(program: str, *arguments: str | Path) -> None:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    done = subprocess.run(
        [package / BINARIES / program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def dump(tmp_path, database_url, content):
    """Runs pg_dump on the database of the test."""
    only("postgresql")

    def run(*options: str) -> Path:
        path: Path = tmp_path / "dump"
        postgresql("pg_dump", "-d", database_url, "-f", path, *options)
        return path

    return run


def test_pg_dump_as_text(dump, content, own_database_url, restored, tmp_path):
    postgresql("psql", "-d", own_database_url, "-v", "ON_ERROR_STOP=1", "-q", "-f", dump())

    restored.is_whole(content, tmp_path / "vault")


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_pg_dump_in_custom_format_restored_by_several_jobs(dump, content, restored, tmp_path, jobs):
    postgresql("pg_restore", "-d", restored.url, "--exit-on-error", "-j", jobs, dump("-Fc"))

    restored.is_whole(content, tmp_path / "vault")


def test_pg_restore_clean_over_a_database_that_is_in_use(dump, content, own_database_url, restored, tmp_path):
    restored.manage("migrate", "-v0")
    restored.manage("shell", "-c", "from tests.factories import make_user; make_user('who is not in the backup')")

    postgresql("pg_restore", "-d", own_database_url, "--exit-on-error", "--clean", "--if-exists", dump("-Fc"))

    restored.is_whole(content, tmp_path / "vault")


def test_pg_dump_clean_as_text(dump, content, own_database_url, restored, tmp_path):
    restored.manage("migrate", "-v0")

    path = dump("--clean", "--if-exists")
    postgresql("psql", "-d", own_database_url, "-v", "ON_ERROR_STOP=1", "-q", "-f", path)

    restored.is_whole(content, tmp_path / "vault")


def test_data_alone_into_the_tables_of_another_dump_with_the_triggers_put_on_again_by_migrate(
    dump, content, own_database_url, restored, tmp_path
):
    postgresql("pg_restore", "-d", own_database_url, "--exit-on-error", "--schema-only", dump("-Fc"))
    postgresql(
        "pg_restore", "-d", own_database_url, "--exit-on-error", "--data-only", "--disable-triggers", dump("-Fc")
    )
    assert "W003" in restored.manage("check", "--database", "default")  # pg_restore puts them on as ordinary ones

    restored.manage("migrate", "-v0")

    restored.is_whole(content, tmp_path / "vault")


# SQLite


@pytest.fixture
def files(database_url, own_database_url, content):
    """The file of the test's database, and the one to restore to."""
    only("sqlite")
    connection.close()
    return [Path(url.removeprefix("sqlite:///")) for url in (database_url, own_database_url)]


def test_sqlite_dump_of_the_shell(files, content, restored, tmp_path):
    if not (shell := shutil.which("sqlite3")):
        pytest.skip("there is no sqlite3 here")
    source, target = files
    dumped = subprocess.run([shell, source, ".dump"], check=True, capture_output=True)
    subprocess.run([shell, target], input=dumped.stdout, check=True, capture_output=True)

    restored.is_whole(content, tmp_path / "vault")


def test_sqlite_dump_of_python(files, content, restored, tmp_path):
    source, target = files
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.executescript("\n".join(old.iterdump()))

    restored.is_whole(content, tmp_path / "vault")


def test_sqlite_backup(files, content, restored, tmp_path):
    source, target = files
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)

    restored.is_whole(content, tmp_path / "vault")


def test_sqlite_vacuum_into(files, content, restored, tmp_path):
    source, target = files
    with closing(sqlite3.connect(source)) as old:
        old.execute("VACUUM INTO ?", [str(target)])

    restored.is_whole(content, tmp_path / "vault")


# Django


def loading(path: Path) -> str:
    """What docs/recovering.md says has to be run, with this file."""
    (block,) = re.findall(r"```python\n(.*?)```", Path("docs/recovering.md").read_text(), re.DOTALL)
    return str(block).replace('"dump.json"', repr(str(path)))


@pytest.mark.parametrize("kind", FORMATS)
def test_dumpdata_and_loaddata(content, restored, tmp_path, kind):
    path = tmp_path / f"dump.{kind}"
    call_command("dumpdata", format=kind, output=path, verbosity=0)
    restored.manage("migrate", "-v0")

    restored.manage("shell", "-c", loading(path))

    restored.is_whole(content, tmp_path / "vault")


def test_natural_keys_are_refused_where_they_would_give_users_other_keys(content, restored, tmp_path):
    User.objects.get(username="old").fsm.deactivate(by="system")
    path = tmp_path / "dump.json"
    apps = ["auth.user", "user_lifecycle.userfsm", "user_audit.userstateaudit"]
    objects = [each for each in apps if each != "user_audit.userstateaudit"]
    call_command("dumpdata", *objects, format="json", output=path, use_natural_primary_keys=True, verbosity=0)
    # Records of people who are gone have no natural key to be dumped by.
    records = tmp_path / "records.json"
    call_command("dumpdata", apps[-1], format="json", output=records, verbosity=0)
    path.write_text(json.dumps(json.loads(path.read_text()) + _by_name(json.loads(records.read_text()))))
    restored.manage("migrate", "-v0")
    restored.manage("shell", "-c", "from tests.factories import make_user; make_user('who has the first key')")

    refused = restored.manage("shell", "-c", loading(path), fails=True)

    assert "is not what was signed" in refused
    assert "--natural-primary" in refused


def _by_name(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name users as `--natural-foreign` does."""
    names = dict(User.objects.values_list("pk", "username"))
    kept = [each for each in records if each["fields"]["user"] in names]
    for each in kept:
        each["fields"]["user"] = [names[each["fields"]["user"]]]
        each["fields"]["actor"] = None if each["fields"]["actor"] is None else [names[each["fields"]["actor"]]]
    return kept


def test_natural_keys_of_people_who_are_gone_cannot_be_dumped(content, tmp_path):
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="does not exist"):
        call_command("dumpdata", "user_audit", use_natural_foreign_keys=True, output=tmp_path / "dump", verbosity=0)
