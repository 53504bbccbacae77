"""
Records as CSV: streamed, in constant memory, and safe to open in a spreadsheet.

What a person wrote may be a formula to a spreadsheet. As OWASP advises ("CSV Injection"), a cell that begins like one
gets an apostrophe before it, and each cell stands in quotes, so that no separator begins another one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from audit import paging
from audit.models import UserStateAudit

COLUMNS = (
    "datetime",
    "id",
    "user_id",
    "username",
    "sequence",
    "transition",
    "start_state",
    "end_state",
    "actor_id",
    "initiated_by",
    "description",
    "ip_address",
    "user_agent",
    "request_id",
    "signature",
)
"""The columns of the file, named as those of the table; the first two are what `paging.batches` goes by."""

TEXTS = tuple(COLUMNS.index(name) for name in ("username", "initiated_by", "description", "ip_address", "user_agent"))
"""Where somebody outside may have written; the rest are keys, numbers and names of ours."""

FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
BATCH_SIZE = 5000


def lines(records: QuerySet[UserStateAudit]) -> Iterator[str]:
    """The file in pieces of text: the heading, then up to `BATCH_SIZE` records at once, newest first."""
    yield _written([COLUMNS])
    for batch in paging.batches(records.values_list(*COLUMNS), BATCH_SIZE):
        yield _written(map(_row, batch))


async def lines_async(records: QuerySet[UserStateAudit]) -> AsyncIterator[str]:
    """The same for a server that speaks ASGI, where Django would gather a plain iterator in memory."""
    pieces = lines(records)

    def following() -> str:
        return next(pieces, "")

    while piece := await sync_to_async(following)():
        yield piece


def _row(values: tuple[Any, ...]) -> list[Any]:
    row = list(values)
    moment: datetime = row[0]
    row[0] = moment.astimezone(UTC).isoformat(timespec="microseconds")
    for index in TEXTS:
        if row[index][:1] in FORMULA_STARTS:
            row[index] = f"'{row[index]}"
    return row


def _written(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
