"""
Statements that PostgreSQL works on while Python runs the next transitions of the same unit.

They are sent in psycopg's pipeline mode and belong to the open transaction. Whoever else uses the connection waits for
them first, such as a receiver of the next transition: in pipeline mode Django would not learn how many rows an UPDATE
has changed, and a savepoint could take them along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, connections

from users.lifecycle import pipeline

Errors = (Error, ObjectDoesNotExist)


class Ahead:
    """The statements that were sent on one connection and not waited for."""

    def __init__(self, using: str) -> None:
        self._connection = connections[using]
        self._under_way = ExitStack()
        self._failure: Exception | None = None

    def is_possible(self) -> bool:
        """Whether statements can be sent ahead now. False while some are under way."""
        return pipeline.is_possible(self._connection)

    @contextmanager
    def sending(self, named: AbstractContextManager[None]) -> Iterator[None]:
        """Send the statements that are executed in this block. `wait` raises their errors as `named` turns them."""
        self._under_way.enter_context(named)
        self._under_way.enter_context(self._connection.wrap_database_errors)
        self._under_way.enter_context(self._connection.connection.pipeline())
        yield
        self._connection.execute_wrappers.append(self._wait_first)

    def wait(self) -> None:
        """Wait for what was sent. Once something has failed, every call raises its error."""
        under_way, self._under_way = self._under_way, ExitStack()
        if self._wait_first in self._connection.execute_wrappers:
            self._connection.execute_wrappers.remove(self._wait_first)
        try:
            under_way.close()
        except Errors as error:
            self._failure = error
        if self._failure is not None:
            raise self._failure

    def abandon(self) -> None:
        """Wait for what was sent, in a transaction that another error ends."""
        with suppress(*Errors):
            self.wait()

    def _wait_first(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.wait()
        return execute(*arguments)
