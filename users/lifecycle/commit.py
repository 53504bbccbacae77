"""
The beginning and the end of a unit's transaction: whether BEGIN and COMMIT travel with its statements, and a COMMIT
whose answer is lost.

If the answer to a COMMIT never arrives, the change may have been committed or not; this side of the connection cannot
know. Any other error means that nothing was written, and is raised as it is.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

from users.lifecycle import pipeline


class Commit:
    """The COMMIT of one transaction on one database, if this block sends it."""

    def __init__(self, using: str) -> None:
        self._connection = connections[using]
        self.is_ours = not self._connection.in_atomic_block and self._connection.get_autocommit()
        """Note whether this block commits. Otherwise the caller does, by `atomic()` or by hand, and it raises there."""

        self._has_begun = False
        self._driver: Any = None
        self._answered = False

    def opened(self) -> None:
        """Register for the answer, before any other hook. To be called first in the transaction."""
        if self.is_ours:
            self._connection.on_commit(self._answer)

    def takes_begin_along(self) -> bool:
        """Whether BEGIN can travel with the next statement. True once at most, for the first one."""
        first, self._has_begun = not self._has_begun, True
        return first and self.is_ours and pipeline.is_possible(self._connection)

    def can_travel(self) -> bool:
        """Whether it can travel with the next statement, which must be the last one."""
        return self.is_ours and pipeline.is_possible(self._connection)

    def begins(self) -> None:
        """Note that COMMIT is next. To be called before it is sent, alone or with the last statement."""
        if self.is_ours:
            self._driver = self._connection.connection

    @property
    def is_unanswered(self) -> bool:
        """Whether COMMIT was sent, but the connection was lost before the answer."""
        if self._driver is None or self._answered:
            return False
        # Django closes a connection on which ROLLBACK fails too, and may have opened another one since.
        return self._connection.connection is not self._driver

    def _answer(self) -> None:
        self._answered = True
