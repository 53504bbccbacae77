"""The exceptions of building a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class Dropped:
    """
    A parameter that a list has dropped. `value` is None if the list does not offer the parameter at all.

    If a parameter has several values, `remains` are those that the list can read; None if it is dropped as a whole.
    """

    name: str
    value: str | None
    remains: str | None = None

    @classmethod
    def of(cls, query: QueryDict, name: str) -> Self:
        """Return this parameter with its value in the query."""
        return cls(name, str(query.get(name, "")))


class Unread(Exception):
    """
    A list got parameters that it does not offer or cannot read.

    `dropped` are these parameters, and `kept` is the query without them.
    """

    def __init__(self, dropped: list[Dropped], kept: str) -> None:
        super().__init__(", ".join(each.name for each in dropped))
        self.dropped = dropped
        self.kept = kept
