"""
Who sits in the session of somebody else.

django-hijack, django-loginas and django-su log an administrator in as somebody else, and note in the session who it
was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

from users.models import UserFSM
from users.states import State


def _signed(note: str) -> list[Any]:
    try:
        return [TimestampSigner().unsign(note)]
    except BadSignature:
        return []


NOTES: dict[str, tuple[Callable[[], str], Callable[[Any], list[Any]]]] = {
    "hijack": (lambda: "hijack_history", list),
    "django_su": (lambda: "exit_users_pk", lambda note: [key for key, _backend in note]),
    "loginas": (lambda: getattr(settings, "LOGINAS_FROM_USER_SESSION_FLAG", "loginas_from_user"), _signed),
}
"""By package: the key of its note in the session, and how the keys of users are read from the note."""


def sitting_in(request: HttpRequest) -> list[Any]:
    """Return the keys of the users who sit in this session of somebody else, the one who logged in first."""
    session = getattr(request, "session", {})
    return [
        key
        for package, (name, read) in NOTES.items()
        if (note := session.get(name())) and apps.is_installed(package)
        for key in read(note)
    ]


def all_active(keys: list[Any]) -> bool:
    """Whether the accounts of all these users are active. Whoever is locked may not go on as somebody else."""
    distinct: set[Any] = {str(key) for key in keys}
    active = UserFSM._base_manager.filter(user__in=distinct, current_state=State.ACTIVE)
    return not distinct or active.count() == len(distinct)
