"""The thread that sends waiting emails outside the requests. It holds no emails itself."""

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
    Runs a task for a database when woken, one run after the other, and ends when nothing is left to do.

    A process that ends waits for it. A killed process loses nothing, because the emails are in the queue.
    """

    def __init__(self, task: Callable[..., Any]) -> None:
        self._task = task
        self._running: threading.Thread | None = None
        self._start_anew()
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(after_in_child=self._start_anew)

    def wake(self, using: str) -> None:
        """Make the task run for this database, and return at once."""
        with self._lock:
            self._wanted[using] = True
            if self._running is None or not self._running.is_alive():
                self._running = threading.Thread(target=self._run, name="users.mail", daemon=False)
                self._running.start()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing is left to do."""
        running = self._running
        if running is not None:
            running.join(timeout)

    def _start_anew(self) -> None:
        """Reset in a child process, where no thread survives."""
        self._lock = threading.Lock()
        self._wanted: dict[str, bool] = {}
        self._running = None

    def _run(self) -> None:
        while (using := self._next()) is not None:
            try:
                self._task(using=using)
            except Exception:  # for example from the database; the next wake tries again
                logger.exception("could not work off the queue of emails")
            finally:
                connections.close_all()  # this thread's own, which no request closes

    def _next(self) -> str | None:
        with self._lock:
            if not self._wanted:
                self._running = None
                return None
            return self._wanted.popitem()[0]
