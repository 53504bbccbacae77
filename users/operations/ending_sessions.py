"""The operation that logs people out everywhere. They can log in again with their password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from users import sessions
from users.models import LoginSession
from users.operations.admin_log import log
from users.operations.tally import Tally, yourself
from users.querysets import UserFSMQuerySet
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def preview(accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `end` would do to these accounts now."""
    others = accounts.exclude(user=by)
    tally = Tally(_logged_in(others).count())
    if own := accounts.filter(user=by).count():
        tally.left[yourself()] = own
    if without := others.count() - tally.changed:
        tally.left[_("not logged in")] = without
    return tally


def end(accounts: UserFSMQuerySet, *, by: User, description: str) -> Tally:
    """
    End all sessions of these people, except those of the administrator `by`.

    No state changes, so the actor and the reason go to the admin's log.
    """
    tally, ended = preview(accounts, by=by), []
    for fsm in _logged_in(accounts.exclude(user=by)).select_related("user").order_by("pk"):
        if sessions.end_all(fsm.user):
            ended.append(fsm.user)
        else:
            tally.left[_("not logged in")] += 1
    log(ended, by=by, message=_("Ended all sessions: %(reason)s") % {"reason": description})
    tally.changed = len(ended)
    return tally


def _logged_in(accounts: UserFSMQuerySet) -> UserFSMQuerySet:
    # Sessions from before the account was last closed have already ended; see `users.sessions`.
    open_ones = LoginSession.objects.filter(sessions.in_use(), user=OuterRef("user"), version=OuterRef("version"))
    return accounts.in_state(State.ACTIVE).filter(Exists(open_ones))
