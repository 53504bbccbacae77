"""
BEGIN and COMMIT of a unit travel with its first and its last statement, so that a transition waits twice for the
database and not four times.

psycopg's pipeline mode sends statements without waiting for the answers of those before. Django goes on to run the
transaction: it sets `autocommit`, before psycopg would send a BEGIN of its own, and its COMMIT or ROLLBACK does nothing
on a connection whose transaction is over. An error of the statement or of COMMIT is raised where the block ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from users.conf import conf


def is_possible(connection: BaseDatabaseWrapper) -> bool:
    """
    Whether psycopg, libpq and the settings allow it for this connection.

    It is not done while somebody looks at the statements one by one: with logged queries or wrappers of `execute`, for
    which each is to take its own time and raise its own error.
    """
    if connection.vendor != "postgresql" or connection.queries_logged or connection.execute_wrappers:
        return False
    driver = connection.connection
    # BEGIN says nothing about the isolation level, which psycopg would have added to its own.
    plain = getattr(driver, "isolation_level", "unknown") is None
    return plain and conf.pipeline and _is_supported()


def _is_supported() -> bool:
    import psycopg  # imported here, because SQLite does not need it

    return psycopg.Pipeline.is_supported()


def _is_idle(driver: Any) -> bool:
    """Whether no transaction has begun on this connection of psycopg."""
    from psycopg.pq import TransactionStatus  # imported here, as above

    return bool(driver.info.transaction_status == TransactionStatus.IDLE)


@contextmanager
def travelling_with(cursor: CursorWrapper, *, begins: bool = False, commits: bool = False) -> Iterator[None]:
    """
    Send BEGIN before, or COMMIT after, the one statement that this cursor executes in this block, and wait for both.

    After a COMMIT the rows of the statement are gone. A backend may have begun already: django-tenants sends statements
    of its own with each cursor.
    """
    connection, drivers = cursor.db, cursor.cursor
    driver = connection.connection
    begins = begins and _is_idle(driver)
    if begins:
        driver.autocommit = True  # until the end of the transaction, where Django sets it anyway
    with connection.wrap_database_errors, driver.pipeline():
        if begins:
            drivers.execute("BEGIN", prepare=False)
        yield
        if commits:
            drivers.execute("COMMIT", prepare=False)
