"""
CSV files that are safe to open in a spreadsheet, and how they are streamed.

A spreadsheet may take text that a person entered for a formula. As OWASP advises ("CSV Injection"), text that begins
like one gets an apostrophe in front, and every cell is quoted, so that no separator starts a new cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def guarded(text: str) -> str:
    """Return the text, with an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def written(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return the lines of these rows."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


async def in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces for a server that speaks ASGI, where Django would gather a plain iterator in memory."""

    def following() -> bytes:
        return next(pieces, b"")

    while piece := await sync_to_async(following)():
        yield piece


def response(request: HttpRequest, pieces: Iterator[bytes], *, name: str) -> StreamingHttpResponse:
    """Return the file as a download with this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = in_threads(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
