"""Pages of notes, newest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from audit import replica
from users.api.conventions.paging import limit_of, link

LARGEST_KEY = 2**63

PARAMETERS = [
    OpenApiParameter("cursor", str, description="From `next` of the page before."),
    OpenApiParameter("limit", int, description="At most 500, by default 100."),
]


@replica.or_primary
def page_of(request: Request, notes: QuerySet[Any], described: Callable[[Any], dict[str, Any]]) -> Response:
    """
    The page of these notes that the request asks for, newest first; raises `ValidationError`.

    It is read from the replica if there is one, and says how current that is.
    """
    place = replica.place()
    size, found = limit_of(request), notes.using(place.using).order_by("-pk")
    if cursor := request.query_params.get("cursor"):
        if not (cursor.isascii() and cursor.isdecimal() and int(cursor[:30]) < LARGEST_KEY):
            raise ValidationError({"cursor": ["This is not a cursor."]})
        found = found.filter(pk__lt=int(cursor))
    page = list(found[: size + 1])
    following = link(request, cursor=str(page[size - 1].pk)) if len(page) > size else None
    body = {"next": following, "as_of": place.as_of, "results": [described(each) for each in page[:size]]}
    return Response(body, headers={"Link": f'<{following}>; rel="next"'} if following else None)


def described(note: Any, *names: str) -> dict[str, Any]:
    """Return the keys of a note, of its account and of the actor as text, and these attributes as they are."""
    actor = None if note.actor_id is None else str(note.actor_id)
    keys = {"id": str(note.pk), "user": str(note.user_id), "actor": actor}
    return keys | {name: getattr(note, name) for name in names}
