"""The rows of the list as a file: CSV, JSON lines or OCSF, streamed in constant memory and noted as a read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from audit import export, replica
from audit.models import UserStateAudit
from audit.recording import reads
from audit.stream.export import events
from audit.stream.formats import FORMATS
from audit.stream.sources import CHANGES
from users.lists import files

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
    "csv": Download("CSV", files.CSV, "csv", export.pieces),
    "jsonl": Download("JSON lines", "application/x-ndjson", "jsonl", _lines("jsonl")),
    "ocsf": Download("OCSF", "application/x-ndjson", "ocsf.jsonl", _lines("ocsf")),
}
"""By the name in the URL."""


def download(request: HttpRequest, kind: Download, records: Records) -> HttpResponseBase:
    """Return these records, the newest first. The file is named after the moment up to which it has everything."""
    pieces, moment = reads.export(request, partial(kind.pieces, records)), replica.place().as_of
    name = "changes-of-state"
    return files.response(request, pieces, name=name, moment=moment, ending=kind.ending, media_type=kind.media_type)
