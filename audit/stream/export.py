"""Everything of a period in one of the formats, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

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
    if form.heading:
        yield f"{form.heading}\n".encode(), 0
    rows = source.model._base_manager.using(using).order_by("datetime", "pk")
    if start is not None:
        rows = rows.filter(datetime__gte=start)
    if end is not None:
        rows = rows.filter(datetime__lt=end)
    if copying.can_copy(source, form, rows):
        yield from copying.pieces(form, rows)
        return
    page: list[Any] = list(rows[:PAGE])
    while page:
        yield "".join(f"{form.line(source.name, row, event_id(source, row))}\n" for row in page).encode(), len(page)
        place = Place(page[-1].datetime, page[-1].pk, source.model)
        page = list(rows.filter(place.newer)[:PAGE]) if len(page) == PAGE else []
