"""Tells people about transitions of their accounts: decides which ones, and composes the emails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import lifecycle
from users.causes import Cause
from users.conf import conf
from users.links import pages, password
from users.mail import queue, superuser_lockouts
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import username_of
from users.mail.queue import Parcel
from users.models import UserFSM
from users.states import State
from users.transitions import ABOUT

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

UNTOLD_CAUSES = (Cause.INVITATION_ACCEPTED, Cause.LOCK_EXPIRED, Cause.KNOWN_DEVICE)
"""Causes that people are not told of: they have just done it, or the email about the lock has announced its end."""


def tell(fsm: UserFSM, name: str, source: str, said: Mapping[str, Any]) -> None:
    """Queue the email about this transition with it. `said` has the keywords of the transition."""
    superuser_lockouts.tell(fsm, said)
    about, cause = lifecycle.underway(fsm), said.get("cause", Cause.REQUEST)
    if not about.address or not ABOUT[name].letter or cause in UNTOLD_CAUSES:
        return
    if source == State.INVITED and fsm.invited_at is None and name == "deactivate":
        return  # the person was never told about the account
    facts = {"moment": about.moment, **_details(fsm, name, cause, said)}
    lifecycle.finish_with(queue.write, Parcel(fsm.user_id, _kind(fsm, name, cause, said), about.address, facts))


def _kind(fsm: UserFSM, name: str, cause: str, said: Mapping[str, Any]) -> str:
    if cause == Cause.FAILED_LOGINS:
        return "locked_after_failures"
    by = said.get("by")
    own = cause == Cause.LEFT or (isinstance(by, AbstractBaseUser) and by.pk == fsm.user_id)
    return "left" if name == "deactivate" and own else ABOUT[name].letter


def _details(fsm: UserFSM, name: str, cause: str, said: Mapping[str, Any]) -> Facts:
    if name != "lock":
        return {}
    until = {"until": fsm.locked_until} if fsm.locked_until else {}
    figures = said.get("details") or {}
    return until | {"version": lifecycle.underway(fsm).sequence, **figures} if cause == Cause.FAILED_LOGINS else until


def _names(user: User) -> dict[str, str]:
    return {"username": username_of(user), "site": conf.site_url}


def _when(facts: Facts) -> list[tuple[str, str]]:
    return [(_("When:"), moment(facts["moment"]))]


@kind("activated", gettext_lazy("Account activated"))
def activated(user: User, facts: Facts) -> Letter:
    """Somebody else activated the account. The person may not have a password yet."""
    return Letter(
        _("Your account %(username)s is active") % _names(user),
        [_("Your account %(username)s at %(site)s was activated.") % _names(user)],
        _when(facts),
        **_way_in(user),
    )


@kind("locked", gettext_lazy("Account locked"))
def locked(user: User, facts: Facts) -> Letter:
    """Somebody locked the account."""
    when = _when(facts)
    if "until" in facts:
        when.append((_("Locked until:"), moment(facts["until"])))
    return Letter(
        _("Your account %(username)s was locked") % _names(user),
        [_("Your account %(username)s at %(site)s was locked. You cannot log in for now.") % _names(user)],
        when,
        closing=[_("If you have questions, contact the people who run the site.")],
    )


@kind("unlocked", gettext_lazy("Account unlocked"))
def unlocked(user: User, facts: Facts) -> Letter:
    """Somebody unlocked the account, or the person used the link."""
    return Letter(
        _("Your account %(username)s was unlocked") % _names(user),
        [_("Your account %(username)s at %(site)s was unlocked. You can log in again.") % _names(user)],
        _when(facts),
        **_way_in(user),
    )


@kind("deactivated", gettext_lazy("Account deactivated"))
def deactivated(user: User, facts: Facts) -> Letter:
    """Somebody else deactivated the account, or it was dormant."""
    return Letter(
        _("Your account %(username)s was deactivated") % _names(user),
        [_("Your account %(username)s at %(site)s was deactivated. You can no longer log in.") % _names(user)],
        _when(facts),
        closing=[_("If you have questions, contact the people who run the site.")],
    )


@kind("left", gettext_lazy("Account deactivated by its owner"))
def left(user: User, facts: Facts) -> Letter:
    """The person deactivated the account, or somebody with their password did."""
    return Letter(
        _("You have deactivated your account %(username)s") % _names(user),
        [_("Your account %(username)s at %(site)s was deactivated at your request.") % _names(user)],
        _when(facts),
        closing=[_("If it was not you, contact the people who run the site. They can reactivate the account.")],
    )


@kind("reactivated", gettext_lazy("Account reactivated"))
def reactivated(user: User, facts: Facts) -> Letter:
    """Somebody reactivated the account. The person may never have had a password."""
    return Letter(
        _("Your account %(username)s is active again") % _names(user),
        [_("Your account %(username)s at %(site)s was reactivated. You can log in again.") % _names(user)],
        _when(facts),
        **_way_in(user),
    )


def _way_in(user: User) -> dict[str, Any]:
    """Return the link to log in or, for people without a password, to choose one."""
    try:
        if user.has_usable_password():
            return {"link": conf.site_url + pages.login(), "link_label": _("Log in")}
        return {"link": password.url(user), "link_label": _("Choose a password")}
    except NoReverseMatch:  # the project does not include our pages
        return {}
