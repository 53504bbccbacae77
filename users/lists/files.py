"""All pages of a list as a file that is streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils import timezone

from users.database import local_time
from users.lists.admin import ListAdmin, without
from users.lists.changelist import search_is_readable
from users.lists.exceptions import Unread

CSV = "text/csv; charset=utf-8"


def of_list(
    model_admin: ListAdmin, request: HttpRequest, url: str, answer: Callable[[QuerySet[Any]], HttpResponseBase]
) -> HttpResponseBase:
    """
    Answer with the rows of the list at this URL, with the parameters of the request.

    If the list cannot read one of them, the list is shown with a message instead. So a file has only rows that the list
    shows.
    """
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not search_is_readable(request.GET):
        return HttpResponseRedirect(f"{url}?{request.GET.urlencode()}")
    try:
        rows = model_admin.get_changelist_instance(request).queryset
    except Unread as unread:
        return without(unread, request, url)
    return answer(rows)


def response(
    request: HttpRequest,
    pieces: Iterator[bytes],
    *,
    name: str,
    moment: datetime | None = None,
    ending: str = "csv",
    media_type: str = CSV,
) -> StreamingHttpResponse:
    """Return the pieces as a download, named after `name` and this moment, by default the current time."""
    name = f"{name}-{local_time.local(moment or timezone.now()):%Y-%m-%d-%H%M%S}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = _in_threads(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(content, content_type=media_type, headers=headers)


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces for a server that speaks ASGI, where Django would gather a plain iterator in memory."""

    def following() -> bytes:
        return next(pieces, b"")

    while piece := await sync_to_async(following)():
        yield piece
