"""
Commits the outcomes of logins even if the surrounding transaction is rolled back.

With `ATOMIC_REQUESTS` a view runs in a transaction. It is rolled back after an exception and, by Django REST framework,
after every response with 400 or 401. A failed login counted in it would not be counted at all.

On PostgreSQL an outcome uses a connection of its own, so it is committed and visible at once. SQLite has only one
writer, the surrounding transaction. There `LoginSessionMiddleware` counts the failed login after that transaction,
before the response is sent. The transaction of a `TestCase` does not count as one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

from django.db import OperationalError, connections, transaction

from users.login import this_request

T = TypeVar("T")

LOCK_TIMEOUT = "5s"
"""How long the separate connection waits for a row, which the surrounding transaction may have locked."""

logger = logging.getLogger("users.login")


def committed(outcome: Callable[[], T], *, using: str) -> T:
    """Commit an outcome that the response depends on. On SQLite it is part of the caller's transaction, if any."""
    if _way(using) == "own connection":
        try:
            return _on_its_own_connection(outcome, using)
        except OperationalError:
            logger.exception("a login is part of its caller's transaction: no connection for it, or its row is locked")
    return outcome()


def committed_in_any_case(outcome: Callable[[], T], *, using: str) -> T | None:
    """Commit an outcome that must survive. Return None if it waits for the end of the caller's transaction."""
    way, logins = _way(using), this_request.current()
    if way == "own connection":
        try:
            return _on_its_own_connection(outcome, using)
        except OperationalError:
            logger.exception("a login is counted after its request: no connection for it, or its row is locked")
    if way == "here" or logins is None:
        return outcome()
    logins.to_commit.append(outcome)
    return None


def _way(using: str) -> str:
    connection = connections[using]
    blocks = [getattr(block, "_from_testcase", False) for block in connection.atomic_blocks]
    if all(blocks):
        return "here"
    return "own connection" if connection.vendor == "postgresql" and not any(blocks) else "later"


def _in_a_transaction(outcome: Callable[[], T], using: str) -> T:
    """
    Run it with a limited wait for locks. The limit ends with the transaction, for a pooler shares the session.

    Rows that the outcome wrote before an error stay, as they would without a transaction: a failed login is counted
    even if the lock that follows fails. Only an error that makes PostgreSQL give up the transaction undoes all of it.
    """
    connection = connections[using]
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            return outcome()
        except Exception as error:
            if connection.connection.info.transaction_status.name == "INERROR":
                raise
            failure = error
    raise failure


def _on_its_own_connection(outcome: Callable[[], T], using: str) -> T:
    """Run it in a thread, because each Django connection belongs to one thread. It has the caller's context."""
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(_in_a_transaction(outcome, using))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            raised.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=copy_context().run, args=(run,), name="users.login")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return returned[0]
