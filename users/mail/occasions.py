"""Tells people about transitions of their accounts: decides which ones, and composes the emails."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import lifecycle
from users.causes import Cause
from users.links import pages, password
from users.mail import queue, superuser_lockouts
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import names_for
from users.mail.queue import Parcel
from users.models import UserFSM
from users.rows.user_model import has_password
from users.states import ABOUT as STATES
from users.states import State
from users.transitions import ABOUT, News

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

UNTOLD_CAUSES = (Cause.INVITATION_ACCEPTED, Cause.LOCK_EXPIRED, Cause.KNOWN_DEVICE)
"""Causes that people are not told of: they have just done it, or the email about the lock has announced its end."""


def tell(fsm: UserFSM, name: str, source: str, said: Mapping[str, Any]) -> None:
    """Queue the email about this transition with it. `said` has the keywords of the transition."""
    superuser_lockouts.tell(fsm, said)
    about, cause = lifecycle.underway(fsm), said.get("cause", Cause.REQUEST)
    news = ABOUT[name].news
    if not about.address or news is None or cause in UNTOLD_CAUSES:
        return
    if source == State.INVITED and fsm.invited_at is None and name == "deactivate":
        return  # the person was never told about the account
    facts = {"moment": about.moment, **_details(fsm, name, cause, said)}
    lifecycle.finish_with(queue.write, Parcel(fsm.user_id, _kind(fsm, name, news, cause, said), about.address, facts))


def _kind(fsm: UserFSM, name: str, news: News, cause: str, said: Mapping[str, Any]) -> str:
    if cause == Cause.FAILED_LOGINS:
        return "locked_after_failures"
    by = said.get("by")
    own = cause == Cause.LEFT or (isinstance(by, AbstractBaseUser) and by.pk == fsm.user_id)
    return "left" if name == "deactivate" and own else news.kind


def _details(fsm: UserFSM, name: str, cause: str, said: Mapping[str, Any]) -> Facts:
    if name != "lock":
        return {}
    until = {"until": fsm.locked_until} if fsm.locked_until else {}
    figures = said.get("details") or {}
    return until | {"version": lifecycle.underway(fsm).sequence, **figures} if cause == Cause.FAILED_LOGINS else until


def _when(facts: Facts) -> list[tuple[str, str]]:
    return [(_("When:"), moment(facts["moment"]))]


def _letter(name: str, news: News, user: User, facts: Facts) -> Letter:
    """Tell of the transition `name`. After one that opens the account there is a way in, otherwise people to ask."""
    opens = STATES[State(UserFSM.target_of(name))].is_open
    until = [(_("Locked until:"), moment(facts["until"]))] if "until" in facts else []
    return Letter(
        str(news.subject) % names_for(user),
        [str(news.sentence) % names_for(user)],
        _when(facts) + until,
        **(_way_in(user) if opens else {"closing": [_("If you have questions, contact the people who run the site.")]}),
    )


for _name, _about in ABOUT.items():
    if _about.news is not None:
        kind(_about.news.kind, _about.news.label)(partial(_letter, _name, _about.news))


@kind("left", gettext_lazy("Account deactivated by its owner"))
def left(user: User, facts: Facts) -> Letter:
    """The person deactivated the account, or somebody with their password did."""
    return Letter(
        _("You have deactivated your account %(username)s") % names_for(user),
        [_("Your account %(username)s at %(site)s was deactivated at your request.") % names_for(user)],
        _when(facts),
        closing=[_("If it was not you, contact the people who run the site. They can reactivate the account.")],
    )


def _way_in(user: User) -> dict[str, Any]:
    """Return the link to log in or, for people without a password, to choose one."""
    if has_password(user):
        return {"link": pages.in_email(pages.login()), "link_label": _("Log in")}
    return {"link": password.url(user), "link_label": _("Choose a password")}
