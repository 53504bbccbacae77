"""
How an attempt to get round the record is written down.

An attempt is a function that gets an active account with three records (invited → active → locked → active) and tries
to write what is not true. Its name is that of the test; its docstring and what refuses it are a row of
`docs/refusals.md`.
"""

import importlib.util
import inspect
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.contrib.auth.models import User
from django.core import serializers
from django.core.management import call_command
from django.db import connection, models

from audit.rules import Rule
from tests.servers import postgres
from users.models import UserFSM

Refusal = Rule | type[Exception] | str | None
"""A rule of the database, an exception of ours, what a foreign program prints; None where there is no such way."""


@dataclass(frozen=True)
class Attempt:
    """Something that must not work."""

    carry_out: Callable[[User], None]
    sqlite: Refusal
    postgresql: Refusal
    commits: bool

    @property
    def name(self) -> str:
        return self.carry_out.__name__

    @property
    def path(self) -> str:
        return inspect.cleandoc(self.carry_out.__doc__ or "").replace("\n", " ")


class Attempts(list[Attempt]):
    """The attempts of a module, each written down by the decorator `refused`."""

    def refused(
        self, by: Refusal = None, *, sqlite: Refusal = None, postgresql: Refusal = None, commits: bool = False
    ) -> Callable[[Callable[[User], None]], Callable[[User], None]]:
        """
        Write down that this is what refuses, on both databases, or on the one and the other.

        `commits`: it is about COMMIT, or about what another program sees.
        """

        def write_down(carry_out: Callable[[User], None]) -> Callable[[User], None]:
            self.append(Attempt(carry_out, by or sqlite, by or postgresql, commits))
            return carry_out

        return write_down


class RefusedElsewhere(Exception):
    """What another program said when the database refused."""


def run(sql: str, **params: Any) -> None:
    """Run a statement on Django's connection; `%(name)s` stands for a parameter."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def elsewhere(sql: str, **params: Any) -> None:
    """Run statements in psql, or in an sqlite3 that Django knows nothing of; raise `RefusedElsewhere` if they fail."""
    sql %= params
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        script = "import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).executescript(sys.argv[2])"
        command = [sys.executable, "-c", script, name, sql]
    else:
        host = connection.settings_dict["OPTIONS"]["host"]
        command = [psql(), "-X", "-v", "ON_ERROR_STOP=1", "-h", host, "-U", "postgres", "-d", name, "-c", sql]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RefusedElsewhere(finished.stderr)


def psql() -> str:
    """Where the wheel that carries PostgreSQL has its shell."""
    spec = importlib.util.find_spec(postgres.PACKAGE)
    assert spec
    assert spec.origin
    return str(Path(spec.origin).parent / postgres.BINARIES / "psql")


def as_stranger(sql: str, *, hidden: str = "", **params: Any) -> None:
    """Run statements as a PostgreSQL role that may write all tables but the hidden one, and owns none."""
    settings = connection.settings_dict
    run("DROP OWNED BY stranger" if role_exists() else "CREATE ROLE stranger LOGIN")
    run("GRANT ALL ON ALL TABLES IN SCHEMA public TO stranger; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO stranger")
    if hidden:
        run(f"REVOKE ALL ON {hidden} FROM stranger")
    try:
        with psycopg.connect(dbname=settings["NAME"], host=settings["OPTIONS"]["host"], user="stranger") as session:
            session.execute(sql % params)
    except psycopg.Error as error:
        raise RefusedElsewhere(str(error)) from error


def role_exists() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = 'stranger'")
        return bool(cursor.fetchone() is not None)


def record(verb: str = "INSERT", **values: Any) -> str:
    """
    The SQL of a record that fits the account as it is (`active`, 3 records), but for the given values.

    `%(user)s` stands for the key of the user.
    """
    columns = {
        "user_id": "%(user)s",
        "sequence": 4,
        "start_state": "'active'",
        "end_state": "'locked'",
        "username": "'forged'",
        "transition": "'lock'",
        "datetime": "'2026-01-01'",
        "initiated_by": "'CLI'",
        "cause": "'request'",
        "actor_kind": "'cli'",
        "details": "'{}'",
    }
    empty = ("impersonator_name", "description", "ip_address", "user_agent", "request_id", "person_salt", "actor_salt")
    columns |= dict.fromkeys((*empty, "signature"), "''") | values
    return _insert(verb, "user_audit_userstateaudit", columns)


def state(verb: str = "INSERT", **values: Any) -> str:
    """The SQL of a state row with these values; `%(user)s` stands for the key of the user."""
    needed = [column for column in UserFSM._meta.concrete_fields if not (column.null or column.primary_key)]
    defaults = {column.attname: f"'{column.get_default()}'" for column in needed}
    return _insert(verb, "user_lifecycle_userfsm", defaults | {"user_id": "%(user)s"} | values)


def _insert(verb: str, table: str, values: dict[str, Any]) -> str:
    return f"{verb} INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"


def load(instances: Iterable[models.Model]) -> None:
    """Load rows as a fixture says them."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as fixture:
        fixture.write(serializers.serialize("json", instances))
        fixture.flush()
        call_command("loaddata", fixture.name, verbosity=0)
