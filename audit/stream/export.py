"""Exports the rows of a period in one of the formats, in constant memory."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import datetime
from operator import attrgetter
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

    Where PostgreSQL can write the lines itself, it does. Otherwise each page is a query of its own that begins after
    the last row. Nothing stays open between them.
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
    read = reading(rows.model)
    page = read(rows[:PAGE])
    while page:
        yield "".join(f"{form.line(source.name, row, event_id(source, row))}\n" for row in page).encode(), len(page)
        is_last = len(page) < PAGE
        page = [] if is_last else read(rows.filter(_following(page[-1], rows.model, newest_first=newest_first))[:PAGE])


def reading(model: Any) -> Callable[[QuerySet[Any]], list[Any]]:
    """
    Return the function that reads rows of this model as tuples with its columns as attributes.

    Instances of the model, which formats take as well, cost as much to make as their lines. `values_list` would order
    by the read values instead of the columns, and an unreadable time is read as None.
    """
    names = [field.attname for field in model._meta.concrete_fields]
    key = property(attrgetter(model._meta.pk.attname))
    row: Any = type("Row", (namedtuple("Row", names),), {"__slots__": (), "_meta": model._meta, "pk": key})  # noqa: PYI024

    def read(rows: QuerySet[Any]) -> list[Any]:
        found: Any = rows.query.get_compiler(rows.db).results_iter()
        return [row._make(values[: len(names)]) for values in found]  # annotations come last

    return read


def _following(row: Any, model: Any, *, newest_first: bool) -> Q:
    """Selects the rows after this one."""
    place = Place(row.datetime, row.pk, model)
    return place.older if newest_first else place.newer
