"""
Outcomes of logins that are committed whatever becomes of the transaction around them.

With `ATOMIC_REQUESTS` a view runs in a transaction, which is rolled back with every exception and, by Django REST
framework, with every answer of 400 and 401. A failed login that is counted in it is not counted at all.

On PostgreSQL an outcome goes through a connection of its own, so that it is committed, and seen by everybody, at once.
SQLite has one writer, which is the transaction around: there a failed login is counted when that is over, by
`LoginSessionMiddleware`, before the answer leaves. The transaction of a `TestCase` counts as none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

from django.db import OperationalError, connections

from users.login import this_request

T = TypeVar("T")

LOCK_TIMEOUT = "5s"
"""How long a connection of its own waits for a row; the transaction around it may be what holds it."""

logger = logging.getLogger("users.login")


def committed(outcome: Callable[[], T], *, using: str) -> T:
    """Carry out what the answer depends on; on SQLite with the caller's transaction, where there is one."""
    if _way(using) == "own connection":
        return _on_its_own_connection(outcome, using)
    return outcome()


def committed_in_any_case(outcome: Callable[[], T], *, using: str) -> T | None:
    """Carry out what has to survive; return None where it waits for the end of the caller's transaction."""
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


def _on_its_own_connection(outcome: Callable[[], T], using: str) -> T:
    """Run it in a thread: Django's connections belong to one each. The thread has the context of the caller."""
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with connections[using].cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            returned.append(outcome())
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
