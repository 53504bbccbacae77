"""
What logins leave to the middleware of the request in which they were tried.

Not kept on the request itself: the backend may be given a wrapper of it, as by Django REST framework, or none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Logins:
    """Notes on the logins of one request."""

    to_commit: list[Callable[[], object]] = field(default_factory=list)
    """Outcomes that are committed when the view's transaction is over; see `users.login.outcomes`."""

    wait: int | None = None
    """In how many seconds the address may try again, where a login was over its limit."""

    logged_in: Any = None
    """The user who has logged in, whose browser is known from now on."""


_logins: ContextVar[Logins | None] = ContextVar("users.login.this_request", default=None)


def begin() -> None:
    """Start the notes of a request."""
    _logins.set(Logins())


def current() -> Logins | None:
    """The notes of the current request; None outside of one."""
    return _logins.get()


def end() -> Logins | None:
    """Return the notes of the request, and end them: what comes later belongs to no request."""
    logins = _logins.get()
    _logins.set(None)
    return logins
