"""Notes of who reads the record: exports always, pages by `AUDIT_LOG_READS` (PCI DSS 4.0.1, 10.2.1.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from django.db import router
from django.http import HttpRequest
from django.utils import timezone

from audit import conf
from audit.models import Reading, RecordRead
from users.input.text import storable
from users.lifecycle import whole_milliseconds

LONGEST_QUERY = 2000


def page(request: HttpRequest, what: Reading, rows: int) -> None:
    """Note that somebody was shown so many records, where the settings ask for it."""
    if conf.log_reads() == "all":
        _keep(_note(request, what), rows)


def export(request: HttpRequest, pieces: Callable[[Callable[[int], object]], Iterator[bytes]]) -> Iterator[bytes]:
    """
    The pieces of an export, with a note of who made it: kept before the first one leaves, and completed at the end.

    `pieces` takes what it calls with the number of records that a piece adds.

    An export that is broken off leaves a note without a number of records.
    """
    note = _note(request, Reading.EXPORT)
    _keep(note, None)
    rows = Counter[str]()
    yield from pieces(lambda number: rows.update(rows=number))
    _keep(note, rows["rows"])


def _note(request: HttpRequest, what: Reading) -> RecordRead:
    query = storable(request.META.get("QUERY_STRING", ""), LONGEST_QUERY)
    moment = whole_milliseconds(timezone.now())
    return RecordRead(what=what, query=query, datetime=moment, **RecordRead.acting())


def _keep(note: RecordRead, rows: int | None) -> None:
    note.rows = rows
    note.save(using=router.db_for_write(RecordRead))
