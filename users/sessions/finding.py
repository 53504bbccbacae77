"""
Finds the user of a request, the account's state and the row of the session in one statement.

Django asks the backend of a session for its user by the key alone. So the session is noted beforehand, and the backend
reads its row together with the user. Both come from the database at each request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet

from users.models import LoginSession

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

COLUMNS = ("id", "user_id", "version", "auth_hash", "last_seen", "expires")
"""The columns of its session that a request needs. The others are read when they are asked for."""

_PREFIX = "_login_session_"


@dataclass(slots=True)
class Wanted:
    """A session whose row is to come with its user."""

    digest: str
    row: LoginSession | None = None
    is_missing: bool = False
    """Whether the backend has looked for the row, and there is none of this user."""


_wanted: ContextVar[Wanted | None] = ContextVar("users.sessions.finding.wanted", default=None)


@contextmanager
def together_with(digest: str) -> Iterator[Wanted]:
    """Let the backend read the row with this digest together with the user, inside this block."""
    wanted = Wanted(digest)
    token = _wanted.set(wanted)
    try:
        yield wanted
    finally:
        _wanted.reset(token)


def find(users: QuerySet[User]) -> User | None:
    """Return the user that this query selects. If the row of a session is wanted, only with that row."""
    wanted = _wanted.get()
    if wanted is None:
        return users.first()
    columns = {_PREFIX + name: F(f"login_sessions__{name}") for name in COLUMNS}
    user = users.filter(login_sessions__digest=wanted.digest).annotate(**columns).first()
    wanted.is_missing = user is None
    if user is not None:
        wanted.row = _taken_from(user)
    return user


def _taken_from(user: User) -> LoginSession:
    values: list[Any] = [user.__dict__.pop(_PREFIX + name) for name in COLUMNS]
    return LoginSession.from_db(user._state.db, COLUMNS, values)
