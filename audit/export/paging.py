"""
Keyset paging of the record: a page is found by the place where the previous one ended, not by its number.

Every page therefore costs the same, nothing is counted, and new records shift nothing. Paging through the list shows
every record exactly once. Records are ordered by time, then by key; both are in one index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db.models import BigAutoField, DateTimeField, ExpressionWrapper, F, Model, Q, QuerySet, Subquery

from audit.models import UserStateAudit
from users.database import local_time

NEWEST_FIRST = ("-datetime", "-pk")
OLDEST_FIRST = ("datetime", "pk")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT = re.compile(r"(-?\d{1,18})?\.(\d{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a record in the order."""

    moment: datetime | None
    """None if nobody can read the time (`users.database.moments`). The database orders by it nevertheless."""

    pk: int
    model: type[Model] = UserStateAudit

    @classmethod
    def of(cls, record: UserStateAudit) -> Self:
        """Return the place of this record."""
        return cls(record.datetime, record.pk)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the place that `str()` turned into this text; raise `ValueError` for anything else."""
        match = _TEXT.fullmatch(text)
        if match is None or int(match[2]) > BigAutoField.MAX_BIGINT:
            raise ValueError("this is no place in the record")
        if match[1] is None:
            return cls(None, int(match[2]))
        try:
            return cls(local_time.as_kept(_EPOCH + timedelta(microseconds=int(match[1]))), int(match[2]))
        except OverflowError as error:
            raise ValueError("this is no place in the record") from error

    def __str__(self) -> str:
        if self.moment is None:
            return f".{self.pk}"
        return f"{(local_time.in_utc(self.moment) - _EPOCH) // timedelta(microseconds=1)}.{self.pk}"

    @property
    def older(self) -> Q:
        """Selects the records after this place, newest first."""
        # An index can start from the first condition. The second one handles records of the same time.
        return Q(datetime__lte=self._time) & (Q(datetime__lt=self._time) | Q(pk__lt=self.pk))

    @property
    def newer(self) -> Q:
        """Selects the records before this place, newest first."""
        return Q(datetime__gte=self._time) & (Q(datetime__gt=self._time) | Q(pk__gt=self.pk))

    @property
    def _time(self) -> datetime | Subquery:
        """The time, or where the database finds it."""
        if self.moment is not None:
            return self.moment
        as_stored = ExpressionWrapper(F("datetime"), output_field=DateTimeField())
        return Subquery(self.model._base_manager.filter(pk=self.pk).values_list(as_stored))


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, newest first, and the places of the neighbouring pages."""

    records: list[UserStateAudit]

    newer: Place | None = None
    """Newer records are before this place. None on the newest page."""

    older: Place | None = None
    """Older records are after this place. None on the oldest page."""


def newest(records: QuerySet[UserStateAudit], size: int) -> Page:
    """Return the first page."""
    found = list(records.order_by(*NEWEST_FIRST)[: size + 1])
    return Page(found[:size], older=_last(found[:size]) if len(found) > size else None)


def older(records: QuerySet[UserStateAudit], size: int, *, place: Place) -> Page:
    """Return the page after this place."""
    page = newest(records.filter(place.older), size)
    return Page(page.records, newer=_first(page.records) or place, older=page.older)


def oldest(records: QuerySet[UserStateAudit], size: int) -> Page:
    """Return the last page."""
    found = list(records.order_by(*OLDEST_FIRST)[: size + 1])
    shown = found[:size][::-1]
    return Page(shown, newer=_first(shown) if len(found) > size else None)


def newer(records: QuerySet[UserStateAudit], size: int, *, place: Place) -> Page:
    """Return the page before this place."""
    page = oldest(records.filter(place.newer), size)
    return Page(page.records, newer=page.newer, older=_last(page.records) or place)


def batches(records: QuerySet[Any, Any], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """
    Yield all rows of a `values_list` that begins with `datetime` and `pk`, newest first, in lists of at most `size`.

    Each list is a query of its own. Nothing stays open between them, and only one list is in memory.
    """
    rows = records.order_by(*NEWEST_FIRST)
    batch = list(rows[:size])
    while batch:
        yield batch
        if len(batch) < size:
            return
        moment, pk, *_ = batch[-1]
        batch = list(rows.filter(Place(moment, pk).older)[:size])


def _first(records: list[UserStateAudit]) -> Place | None:
    return Place.of(records[0]) if records else None


def _last(records: list[UserStateAudit]) -> Place | None:
    return Place.of(records[-1]) if records else None
