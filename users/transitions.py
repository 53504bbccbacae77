"""Everything about each transition except its method: the permission, and the texts for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

Text = str | Promise
Counted = Any
"""A text with a number: use `% {"count": ...}`."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one operation."""

    label: Text
    """The button on a person's page."""

    selected: Text
    """The entry in the list of actions."""

    consequence: Text
    """The consequence for the people affected."""

    many: Counted
    """The button that confirms it."""

    done: Counted
    """The message afterwards."""

    reasons: Sequence[Text]
    """Common reasons to choose from."""


class News(NamedTuple):
    """The email that tells the person of the transition."""

    kind: str
    """Its kind, which the queue stores."""

    label: Text
    """The label of the kind for administrators."""

    subject: Text
    sentence: Text
    """Like the subject, a text that contains `%(username)s`, and here `%(site)s` too."""


class About(NamedTuple):
    """Everything about a transition except its states, which its method defines."""

    permission: Any  # django-stubs want a kind of lazy text of their own
    """The label of the permission for administrators."""

    happened: Text
    """The sentence in the person's own history."""

    news: News | None
    """The email that tells the person; None if no email does."""

    wording: Wording
    """The texts of the operation."""


ABOUT: Mapping[str, About] = {
    "activate": About(
        permission=_("Can activate accounts"),
        happened=_("Your account was activated"),
        news=News(
            kind="activated",
            label=_("Account activated"),
            subject=_("Your account %(username)s is active"),
            sentence=_("Your account %(username)s at %(site)s was activated."),
        ),
        wording=Wording(
            label=_("Activate"),
            selected=_("Activate selected accounts"),
            consequence=_(
                "They can log in from now on, without accepting the invitation themselves. Anyone without a password"
                " gets a link by email to choose one."
            ),
            many=ngettext_lazy("Activate %(count)s account", "Activate %(count)s accounts", "number"),
            done=ngettext_lazy("%(count)s account was activated.", "%(count)s accounts were activated.", "number"),
            reasons=(_("Identity checked in person"), _("The invitation did not arrive")),
        ),
    ),
    "lock": About(
        permission=_("Can lock accounts"),
        happened=_("Your account was locked"),
        news=News(
            kind="locked",
            label=_("Account locked"),
            subject=_("Your account %(username)s was locked"),
            sentence=_("Your account %(username)s at %(site)s was locked. You cannot log in for now."),
        ),
        wording=Wording(
            label=_("Lock"),
            selected=_("Lock selected accounts"),
            consequence=_("They are logged out at their next request and cannot log in until somebody unlocks them."),
            many=ngettext_lazy("Lock %(count)s account", "Lock %(count)s accounts", "number"),
            done=ngettext_lazy("%(count)s account was locked.", "%(count)s accounts were locked.", "number"),
            reasons=(
                _("Reported stolen"),
                _("Suspicious activity"),
                _("Requested by the person"),
                _("Under investigation"),
            ),
        ),
    ),
    "unlock": About(
        permission=_("Can unlock accounts"),
        happened=_("Your account was unlocked"),
        news=News(
            kind="unlocked",
            label=_("Account unlocked"),
            subject=_("Your account %(username)s was unlocked"),
            sentence=_("Your account %(username)s at %(site)s was unlocked. You can log in again."),
        ),
        wording=Wording(
            label=_("Unlock"),
            selected=_("Unlock selected accounts"),
            consequence=_("They can log in again at once."),
            many=ngettext_lazy("Unlock %(count)s account", "Unlock %(count)s accounts", "number"),
            done=ngettext_lazy("%(count)s account was unlocked.", "%(count)s accounts were unlocked.", "number"),
            reasons=(_("Spoke with the person"), _("Identity checked"), _("Locked by mistake")),
        ),
    ),
    "deactivate": About(
        permission=_("Can deactivate accounts"),
        happened=_("Your account was deactivated"),
        news=News(
            kind="deactivated",
            label=_("Account deactivated"),
            subject=_("Your account %(username)s was deactivated"),
            sentence=_("Your account %(username)s at %(site)s was deactivated. You can no longer log in."),
        ),
        wording=Wording(
            label=_("Deactivate"),
            selected=_("Deactivate selected accounts"),
            consequence=_(
                "They are logged out at their next request and cannot log in until somebody reactivates them."
            ),
            many=ngettext_lazy("Deactivate %(count)s account", "Deactivate %(count)s accounts", "number"),
            done=ngettext_lazy("%(count)s account was deactivated.", "%(count)s accounts were deactivated.", "number"),
            reasons=(
                _("Left the organisation"),
                _("Requested by the person"),
                _("Duplicate account"),
                _("Invited by mistake"),
            ),
        ),
    ),
    "reactivate": About(
        permission=_("Can reactivate accounts"),
        happened=_("Your account was reactivated"),
        news=News(
            kind="reactivated",
            label=_("Account reactivated"),
            subject=_("Your account %(username)s is active again"),
            sentence=_("Your account %(username)s at %(site)s was reactivated. You can log in again."),
        ),
        wording=Wording(
            label=_("Reactivate"),
            selected=_("Reactivate selected accounts"),
            consequence=_(
                "They can log in again at once, with their old password. Anyone who never had one gets a link by email"
                " to choose one."
            ),
            many=ngettext_lazy("Reactivate %(count)s account", "Reactivate %(count)s accounts", "number"),
            done=ngettext_lazy("%(count)s account was reactivated.", "%(count)s accounts were reactivated.", "number"),
            reasons=(_("Came back"), _("Deactivated by mistake")),
        ),
    ),
}
"""One entry for each transition, by the name of its method, in the order in which pages offer them."""


def permission_of(name: str) -> str:
    """Return the permission that administrators need for the transition with this name."""
    return f"user_lifecycle.{name}_userfsm"
