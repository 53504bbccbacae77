"""Events for a target, and its receipts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol


class Event(NamedTuple):
    """One event, written in its format."""

    id: str
    row: Any
    line: str


class Receipt(NamedTuple):
    """The receiver's answer: it took the event, or refused it for good."""

    refusal: str | None = None


TAKEN = Receipt()


class Target(Protocol):
    """A receiver of events."""

    def deliver(self, events: Sequence[Event]) -> Iterator[Receipt]:
        """
        Hand over the events in this order, and yield a receipt for each as soon as it is certain.

        Raises `TargetUnavailable` at the first one that has to be delivered again, with all that follow.
        """
        ...

    def close(self) -> None:
        """Close files and connections."""
        ...
