"""Everything of a period in one of the formats, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from audit.export.paging import Place
from audit.stream import copying
from audit.stream.formats import Format
from audit.stream.sources import Source, event_id

PAGE = 2000


def pieces(
    source: Source, form: Format, *, start: datetime | None, end: datetime | None, using: str
) -> Iterator[tuple[bytes, int]]:
    """
    Yield the lines, oldest first, and how many events each piece has.

    Where PostgreSQL can write the lines itself, it does. Otherwise each page is a query of its own, which begins after
    the last row, and nothing stays open between them.
    """
    rows = source.model._base_manager.using(using)
    if start is not None:
        rows = rows.filter(datetime__gte=start)
    if end is not None:
        rows = rows.filter(datetime__lt=end)
    yield from events(source, form, rows, newest_first=False)


def events(
    source: Source, form: Format, rows: QuerySet[Any], *, newest_first: bool = True
) -> Iterator[tuple[bytes, int]]:
    """Yield these rows as `pieces` does."""
    if form.heading:
        yield f"{form.heading}\n".encode(), 0
    rows = rows.order_by("-datetime", "-pk") if newest_first else rows.order_by("datetime", "pk")
    if copying.can_copy(source, form, rows):
        yield from copying.pieces(form, rows)
        return
    page: list[Any] = list(rows[:PAGE])
    while page:
        yield "".join(f"{form.line(source.name, row, event_id(source, row))}\n" for row in page).encode(), len(page)
        readable = [row for row in page if row.datetime is not None] if len(page) == PAGE else []
        page = list(rows.filter(_following(readable[-1], newest_first=newest_first))[:PAGE]) if readable else []


def _following(row: Any, *, newest_first: bool) -> Q:
    """Selects the rows after this one."""
    place = Place(row.datetime, row.pk, type(row))
    return place.older if newest_first else place.newer
