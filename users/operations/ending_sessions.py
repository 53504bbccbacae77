"""The operation that logs people out everywhere. They can log in again with their password."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from users import sessions
from users.conf import conf
from users.input import browser
from users.models import LoginSession
from users.models.querysets import UserFSMQuerySet
from users.operations.admin_log import log
from users.operations.facts import Facts
from users.operations.tally import Tally, yourself
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def preview(accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `end` would do to these accounts now."""
    tally, keys = Tally(), []
    rows = accounts.annotate(is_logged_in=_is_logged_in()).order_by("pk")
    for pk, user_id, is_logged_in in rows.values_list("pk", "user_id", "is_logged_in"):
        if user_id == by.pk:
            tally.leave(pk, yourself())
        elif is_logged_in:
            keys.append(pk)
        else:
            tally.leave(pk, _("not logged in"))
    tally.change(keys)
    return tally


def fits(facts: Facts) -> bool:
    """Whether `end` would end a session of this account."""
    return facts.fsm.user_id != facts.by.pk and facts.is_logged_in


def end(accounts: UserFSMQuerySet, *, by: User, description: str) -> Tally:
    """
    End all sessions of these people, except those of the administrator `by`.

    No state changes, so the actor and the reason go to the admin's log.
    """
    tally = preview(accounts, by=by)
    tally.changed = 0
    people = iter(accounts.exclude(user=by).filter(_is_logged_in()).select_related("user").order_by("pk"))
    while batch := [fsm.user for fsm in islice(people, conf.bulk_batch_size)]:
        had = sessions.end_all_of(batch)
        ended = [user for user in batch if user.pk in had]
        log(ended, by=by, message=_("Ended all sessions: %(reason)s") % {"reason": description})
        tally.changed += len(ended)
        if faster := len(batch) - len(ended):
            tally.left[_("not logged in")] += faster  # somebody else was faster
    return tally


def end_one(session: LoginSession, *, by: User, description: str) -> None:
    """End one session of a person. No state changes, so the actor and the reason go to the admin's log."""
    sessions.end(session)
    words = {
        "address": session.ip_address,
        "browser": browser.in_words(session.user_agent) or session.user_agent,
        "reason": description,
    }
    message = _("Ended the session from %(address)s (%(browser)s): %(reason)s") % words
    log([session.user], by=by, message=message)


def _is_logged_in() -> Q:
    # Sessions from before the account was last closed have already ended; see `users.sessions`.
    open_ones = LoginSession.objects.filter(sessions.in_use(), user=OuterRef("user"), version=OuterRef("version"))
    return Q(current_state=State.ACTIVE) & Q(Exists(open_ones))
