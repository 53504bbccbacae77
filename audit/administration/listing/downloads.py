"""What the list shows, as a file: CSV, JSON lines or OCSF, streamed in constant memory and noted as a read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from audit import export
from audit.models import UserStateAudit
from audit.recording import reads
from audit.stream.export import events
from audit.stream.formats import FORMATS
from audit.stream.sources import CHANGES
from users import local_time

Records = QuerySet[UserStateAudit]
Pieces = Callable[[Records, Callable[[int], object]], Iterator[bytes]]


class Download(NamedTuple):
    """A kind of file."""

    label: str
    media_type: str
    ending: str
    pieces: Pieces


def _lines(name: str) -> Pieces:
    """The pieces of a file in this format of the streams."""

    def pieces(records: Records, on_rows: Callable[[int], object]) -> Iterator[bytes]:
        for lines, number in events(CHANGES, FORMATS[name], records):
            on_rows(number)
            yield lines

    return pieces


DOWNLOADS = {
    "csv": Download("CSV", "text/csv; charset=utf-8", "csv", export.pieces),
    "jsonl": Download("JSON lines", "application/x-ndjson", "jsonl", _lines("jsonl")),
    "ocsf": Download("OCSF", "application/x-ndjson", "ocsf.jsonl", _lines("ocsf")),
}
"""By the name in the URL."""


def download(request: HttpRequest, kind: Download, records: Records) -> HttpResponseBase:
    """Return these records, the newest first."""
    pieces = reads.export(request, partial(kind.pieces, records))
    name = f"changes-of-state-{local_time.local(timezone.now()):%Y-%m-%d-%H%M%S}.{kind.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content: Any = export.in_threads(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(content, content_type=kind.media_type, headers=headers)
