"""
Notes that a login leaves for the middleware of its request.

They are not stored on the request, because the backend may get a wrapper of it (from Django REST framework) or none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest


@dataclass(slots=True)
class Logins:
    """Notes on the logins of one request."""

    request: HttpRequest
    """Used by `authenticate(username=…, password=…)`, which many views call without their request."""

    to_commit: list[Callable[[], object]] = field(default_factory=list)
    """Outcomes to be committed after the view's transaction; see `users.login.outcomes`."""

    wait: int | None = None
    """The seconds until the address may try again, if a login was over the limit."""

    logged_in: Any = None
    """The user who has logged in, and whose browser becomes a known device."""

    turned_away: bool = False
    """Whether a view has logged somebody in whose account is not active, and who is nobody from there on."""


_logins: ContextVar[Logins | None] = ContextVar("users.login.this_request", default=None)


def begin(request: HttpRequest) -> None:
    """Start the notes of a request."""
    _logins.set(Logins(request))


def current() -> Logins | None:
    """Return the notes of the current request, or None outside a request."""
    return _logins.get()


def of(request: HttpRequest | None) -> HttpRequest | None:
    """Return this request, or the current one if the login was given none; None outside a request."""
    logins = _logins.get()
    return logins.request if request is None and logins is not None else request


def note_turned_away() -> None:
    """Note that a login was undone. Outside a request nobody asks."""
    logins = _logins.get()
    if logins is not None:
        logins.turned_away = True


def end() -> Logins | None:
    """Return the notes of the request, and stop taking notes."""
    logins = _logins.get()
    _logins.set(None)
    return logins
