"""Pages of notes, newest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from audit import replica
from users.api.conventions import paging


@replica.or_primary
def page_of(request: Request, notes: QuerySet[Any], described: Callable[[Any], dict[str, Any]]) -> Response:
    """
    The page of these notes that the request asks for, newest first; raises `ValidationError`.

    It is read from the replica if there is one, and says how current that is.
    """
    place = replica.place()
    return paging.answer(request, notes.using(place.using).order_by("-pk"), "pk__lt", described, as_of=place.as_of)


def described(note: Any, *names: str) -> dict[str, Any]:
    """Return the keys of a note, of its account and of the actor as text, and these attributes as they are."""
    actor = None if note.actor_id is None else str(note.actor_id)
    keys = {"id": str(note.pk), "user": str(note.user_id), "actor": actor}
    return keys | {name: getattr(note, name) for name in names}
