"""The thread beside the requests that sends what waits; it holds nothing itself."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

logger = logging.getLogger("users.mail")


class Thread:
    """
    Runs a task for a database after it was woken, one run after the other, and ends when nothing is left to do.

    A process that ends waits for it. One that is killed loses nothing: what was to be sent stands in the queue.
    """

    def __init__(self, task: Callable[..., Any]) -> None:
        self._task = task
        self._start_anew()
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(after_in_child=self._start_anew)

    def wake(self, using: str) -> None:
        """Let the task run for this database; return at once."""
        with self._lock:
            self._wanted[using] = True
            if self._running is None:
                self._running = threading.Thread(target=self._run, name="users.mail", daemon=False)
                self._running.start()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing is left to do."""
        if running := self._running:
            running.join(timeout)

    def _start_anew(self) -> None:
        """No thread lives on in a child process."""
        self._lock = threading.Lock()
        self._wanted: dict[str, bool] = {}
        self._running: threading.Thread | None = None

    def _run(self) -> None:
        while (using := self._next()) is not None:
            try:
                self._task(using=using)
            except Exception:  # the database's, for example; the next wake tries again
                logger.exception("could not work off the queue of emails")
            finally:
                connections.close_all()  # this thread's own, which no request closes

    def _next(self) -> str | None:
        with self._lock:
            if not self._wanted:
                self._running = None
                return None
            return self._wanted.popitem()[0]
