"""
Finds the key below which no further row can appear, without waiting for anybody.

PostgreSQL assigns a key when a row is inserted, but shows the row when its transaction commits; see
`audit.integrity.kept.settled`. A mark remembers the highest visible key and the transactions that were writing at that
time. When all of them have ended, every lower key is visible or will never be. Marks are taken again and again, so
constant writing does not hold the watermark back; a single long transaction does, but nothing else waits for it: rows
above the watermark are delivered too, and the keys that are missing among them are remembered as gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.db import connections, models
from django.db.models import Max

from audit.integrity.kept.settled import Writers, still_open, writers


@dataclass(slots=True)
class Watermark:
    """The watermark of one table."""

    model: type[models.Model]
    using: str
    settled: int = 0
    """The highest key up to which every row is visible."""

    _marks: list[tuple[int, Writers]] = field(default_factory=list)
    _before: Writers = field(default_factory=set)
    """The writers at the last mark."""

    def rise(self) -> int:
        """Take a mark, drop those that are settled, and return the watermark."""
        # Read the highest key first: transactions that begin to write afterwards get higher ones.
        found: dict[str, Any] = self.model._base_manager.using(self.using).aggregate(highest=Max("pk"))
        highest: int = found["highest"] or 0
        now = self._writers()
        self._marks = [(key, still_open(pending, self._before, now)) for key, pending in self._marks]
        self._before = now
        if self._marks and self._marks[-1][1] == now:
            self._marks.pop()  # it waits for the same transactions, and the new mark covers more
        self._marks.append((highest, now))
        self.settled = max(self.settled, *(key for key, pending in self._marks if not pending), 0)
        self._marks = _without_lower([(key, pending) for key, pending in self._marks if pending])
        return self.settled

    def _writers(self) -> Writers:
        if connections[self.using].vendor != "postgresql":
            return set()  # SQLite has one writer at a time, so keys appear in order
        return writers(self.using, self.model)


def _without_lower(marks: list[tuple[int, Writers]]) -> list[tuple[int, Writers]]:
    """Leave out marks that wait for the same as the next one, as all do in the end beside a transaction of days."""
    return [mark for mark, following in zip_longest(marks, marks[1:]) if following is None or following[1] != mark[1]]
