"""Several at once, each in a thread with a database connection of its own."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any

from django.db import connection, connections

TIMEOUT = 60  # seconds after which a test that hangs fails


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start all calls at the same moment; return what each returned, or the exception that it raised."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        with closing(connections["default"]):
            start.wait(TIMEOUT)
            try:
                return call()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result(TIMEOUT) for future in [threads.submit(run, call) for call in calls]]


def elsewhere(call: Callable[[], Any]) -> Any:
    """What the call returns on another connection, which sees only what is committed; raises what it raises."""
    (outcome,) = at_once(call)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def wait_until_blocking() -> None:
    """
    Return as soon as another connection waits for a lock that this one has (PostgreSQL).

    Locks of other databases of the server do not count: other tests have theirs at the same time.
    """
    deadline = time.monotonic() + TIMEOUT
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT EXISTS "
                "(SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.01)
    raise TimeoutError("nobody waits")
