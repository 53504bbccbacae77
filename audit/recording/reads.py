"""Notes who reads the record: exports always, pages if `AUDIT_LOG_READS` says so (PCI DSS 4.0.1, 10.2.1.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.db import router
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from audit.conf import conf
from audit.models import Reading, RecordRead
from users.input.text import storable
from users.lifecycle import whole_milliseconds

LONGEST_QUERY = 2000
LONGEST_EXPORT = timedelta(hours=1)

Pieces = Callable[[Callable[[int], object]], Iterator[bytes]]

_held: ContextVar[list[RecordRead] | None] = ContextVar("notes that are held back", default=None)


def page(request: HttpRequest, what: Reading, rows: int) -> None:
    """Note that somebody was shown this many records, if the settings ask for it."""
    if conf.log_reads != "all":
        return
    note, held = _note(request, what), _held.get()
    note.rows = rows
    if held is None:
        keep([note])
    else:
        held.append(note)


@contextmanager
def held_back() -> Iterator[list[RecordRead]]:
    """Yield the list that gets the notes of pages that are made within the block, for `keep`."""
    notes: list[RecordRead] = []
    token = _held.set(notes)
    try:
        yield notes
    finally:
        _held.reset(token)


def keep(notes: Iterable[RecordRead]) -> None:
    """Store these notes."""
    for note in notes:
        note.save(using=router.db_for_write(RecordRead))


def export(request: HttpRequest, pieces: Pieces, what: Reading = Reading.EXPORT) -> Iterator[bytes]:
    """
    Yield the pieces of an export. A note of who made it is stored before the first piece and completed at the end.

    `pieces` is called with a function to which it passes the number of rows of each piece. An interrupted export
    leaves a note without a number of records.
    """
    note = _note(request, what)
    keep([note])
    rows = Counter[str]()
    yield from pieces(lambda number: rows.update(rows=number))
    note.rows = rows["rows"]
    keep([note])


def in_progress() -> Q:
    """Select the notes of exports that may still be completed. After `LONGEST_EXPORT` they count as interrupted."""
    return Q(rows=None, datetime__gt=timezone.now() - LONGEST_EXPORT)


def _note(request: HttpRequest, what: Reading) -> RecordRead:
    query = storable(request.META.get("QUERY_STRING", ""), LONGEST_QUERY)
    moment = whole_milliseconds(timezone.now())
    return RecordRead(what=what, query=query, datetime=moment, **RecordRead.acting())
