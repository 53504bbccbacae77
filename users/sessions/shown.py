"""The open sessions that a page shows. A script that logs in anew each time leaves thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Case, When

from users.models import LoginSession
from users.sessions.lifetime import open_sessions

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

MOST_SHOWN = 20


class Shown(NamedTuple):
    """Sessions on a page."""

    sessions: list[LoginSession]
    """This session first, then those that were used last."""

    others: int
    """The number of open sessions that are not among them."""


def shown(user: User, *, this: LoginSession | None = None) -> Shown:
    """Return the open sessions of this user that a page shows, `this` session of the reader among them."""
    sessions = open_sessions(user)
    if this is not None:
        sessions = sessions.order_by(Case(When(pk=this.pk, then=0), default=1), *sessions.query.order_by)
    found = list(sessions[: MOST_SHOWN + 1])
    return Shown(found[:MOST_SHOWN], sessions.count() - MOST_SHOWN if len(found) > MOST_SHOWN else 0)
