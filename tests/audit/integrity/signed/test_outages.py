"""A database that fails is not taken for a value that cannot be read."""

import sqlite3

import psycopg
import pytest
from django.db import DatabaseError, DataError, InterfaceError, OperationalError

from audit.integrity.signed.facts import is_outage


def raised(error: type[DatabaseError], cause: BaseException | None) -> DatabaseError:
    found = error("it failed")
    found.__cause__ = cause
    return found


def locked() -> sqlite3.OperationalError:
    """As SQLite itself raises it."""
    with sqlite3.connect(":memory:") as connection, pytest.raises(sqlite3.OperationalError) as found:
        connection.execute("SELECT nothing")
    return found.value


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OperationalError, None),
        (OperationalError, psycopg.OperationalError("server closed the connection unexpectedly")),
        (OperationalError, psycopg.errors.SerializationFailure("canceling statement due to conflict with recovery")),
        (OperationalError, psycopg.errors.LockNotAvailable()),
        (InterfaceError, psycopg.InterfaceError("the connection is closed")),
        (OperationalError, locked()),
    ],
)
def test_these_are_failures_of_the_database(error, cause):
    assert is_outage(raised(error, cause))


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (DataError, psycopg.DataError("timestamp too large")),
        (OperationalError, psycopg.errors.StatementTooComplex("stack depth limit exceeded")),
        (OperationalError, sqlite3.OperationalError("Could not decode to UTF-8 column")),
        (DatabaseError, sqlite3.DatabaseError("malformed")),
    ],
)
def test_these_are_failures_to_read_a_value(error, cause):
    assert not is_outage(raised(error, cause))
