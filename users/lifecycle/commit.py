"""
The end of a unit's transaction, when the connection may go.

A COMMIT whose answer never comes has been carried out or has not: nobody on this side of the connection can tell. Any
other error means that nothing was written, and stays what it is.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction


class Commit:
    """The COMMIT of one transaction on one database, if it is this block that sends it."""

    def __init__(self, using: str) -> None:
        self.using = using
        self.is_ours = not connections[using].in_atomic_block
        """Otherwise it is the caller's, whose own `atomic()` raises."""

        self._driver: Any = None
        self._answered = False

    def opened(self) -> None:
        """Ask to be told of the answer, before any hook of others; called first within the transaction."""
        if self.is_ours:
            transaction.on_commit(self._answer, using=self.using)

    def begins(self) -> None:
        """Note that all is written; called last within the transaction."""
        if self.is_ours:
            self._driver = connections[self.using].connection

    @property
    def is_unanswered(self) -> bool:
        """Whether COMMIT was sent, and the connection went before the database said what became of it."""
        if self._driver is None or self._answered:
            return False
        # Django drops a connection on which ROLLBACK fails too, and may have opened another one since.
        return connections[self.using].connection is not self._driver

    def _answer(self) -> None:
        self._answered = True
