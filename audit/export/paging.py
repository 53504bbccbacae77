"""
Pages of the record by keyset: each page is found by the place where the one before ended, not by its number.

So a page costs the same wherever it is, nothing is counted, and records that arrive meanwhile shift nothing: who walks
from page to page meets every record once. The order is by time, then by key; both are in one index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db.models import BigAutoField, Q, QuerySet

from audit.models import UserStateAudit

NEWEST_FIRST = ("-datetime", "-pk")
OLDEST_FIRST = ("datetime", "pk")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT = re.compile(r"(-?\d{1,18})\.(\d{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in the order."""

    moment: datetime
    pk: int

    @classmethod
    def of(cls, record: UserStateAudit) -> Self:
        """The place of this record."""
        return cls(record.datetime, record.pk)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that `str()` gave as this text; raises `ValueError` for anything else."""
        match = _TEXT.fullmatch(text)
        if match is None or int(match[2]) > BigAutoField.MAX_BIGINT:
            raise ValueError("this is no place in the record")
        try:
            return cls(_EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))
        except OverflowError as error:
            raise ValueError("this is no place in the record") from error

    def __str__(self) -> str:
        return f"{(self.moment - _EPOCH) // timedelta(microseconds=1)}.{self.pk}"

    @property
    def older(self) -> Q:
        """What stands behind this place, newest first."""
        # The first condition is what an index can start from; the second one sorts out the same moment.
        return Q(datetime__lte=self.moment) & (Q(datetime__lt=self.moment) | Q(pk__lt=self.pk))

    @property
    def newer(self) -> Q:
        """What stands before this place, newest first."""
        return Q(datetime__gte=self.moment) & (Q(datetime__gt=self.moment) | Q(pk__gt=self.pk))


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, newest first, and where to go on."""

    records: list[UserStateAudit]

    newer: Place | None = None
    """Newer records begin before this place; None on the newest page."""

    older: Place | None = None
    """Older records begin behind this place; None on the oldest page."""


def newest(records: QuerySet[UserStateAudit], size: int) -> Page:
    """The first page."""
    found = list(records.order_by(*NEWEST_FIRST)[: size + 1])
    return Page(found[:size], older=_last(found[:size]) if len(found) > size else None)


def older(records: QuerySet[UserStateAudit], size: int, *, place: Place) -> Page:
    """The page behind this place."""
    page = newest(records.filter(place.older), size)
    return Page(page.records, newer=_first(page.records) or place, older=page.older)


def oldest(records: QuerySet[UserStateAudit], size: int) -> Page:
    """The last page."""
    found = list(records.order_by(*OLDEST_FIRST)[: size + 1])
    shown = found[:size][::-1]
    return Page(shown, newer=_first(shown) if len(found) > size else None)


def newer(records: QuerySet[UserStateAudit], size: int, *, place: Place) -> Page:
    """The page before this place."""
    page = oldest(records.filter(place.newer), size)
    return Page(page.records, newer=page.newer, older=_last(page.records) or place)


def batches(records: QuerySet[Any, Any], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """
    All rows of a `values_list` that begins with `datetime` and `pk`, newest first, in lists of at most `size`.

    Each list is a query of its own: nothing stays open between them, and no more than one is in memory.
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
