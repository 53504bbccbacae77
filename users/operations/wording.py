"""The texts of each operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    """What it means for the people affected."""

    many: Counted
    """The button that confirms it."""

    done: Counted
    """The message afterwards."""

    reasons: Sequence[Text]
    """Common reasons to choose from."""


WORDINGS: Mapping[str, Wording] = {
    "activate": Wording(
        label=_("Activate"),
        selected=_("Activate selected accounts"),
        consequence=_(
            "They can log in from now on, without accepting the invitation themselves. Anyone without a password gets a"
            " link by email to choose one."
        ),
        many=ngettext_lazy("Activate %(count)s account", "Activate %(count)s accounts", "number"),
        done=ngettext_lazy("%(count)s account was activated.", "%(count)s accounts were activated.", "number"),
        reasons=(_("Identity checked in person"), _("The invitation did not arrive")),
    ),
    "lock": Wording(
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
    "unlock": Wording(
        label=_("Unlock"),
        selected=_("Unlock selected accounts"),
        consequence=_("They can log in again at once."),
        many=ngettext_lazy("Unlock %(count)s account", "Unlock %(count)s accounts", "number"),
        done=ngettext_lazy("%(count)s account was unlocked.", "%(count)s accounts were unlocked.", "number"),
        reasons=(_("Spoke with the person"), _("Identity checked"), _("Locked by mistake")),
    ),
    "deactivate": Wording(
        label=_("Deactivate"),
        selected=_("Deactivate selected accounts"),
        consequence=_("They are logged out at their next request and cannot log in until somebody reactivates them."),
        many=ngettext_lazy("Deactivate %(count)s account", "Deactivate %(count)s accounts", "number"),
        done=ngettext_lazy("%(count)s account was deactivated.", "%(count)s accounts were deactivated.", "number"),
        reasons=(
            _("Left the organisation"),
            _("Requested by the person"),
            _("Duplicate account"),
            _("Invited by mistake"),
        ),
    ),
    "reactivate": Wording(
        label=_("Reactivate"),
        selected=_("Reactivate selected accounts"),
        consequence=_(
            "They can log in again at once, with their old password. Anyone who never had one gets a link by email to"
            " choose one."
        ),
        many=ngettext_lazy("Reactivate %(count)s account", "Reactivate %(count)s accounts", "number"),
        done=ngettext_lazy("%(count)s account was reactivated.", "%(count)s accounts were reactivated.", "number"),
        reasons=(_("Came back"), _("Deactivated by mistake")),
    ),
    "keep_locked": Wording(
        label=_("Lock indefinitely"),
        selected=_("Lock selected accounts indefinitely"),
        consequence=_("The lock no longer expires. It lasts until somebody unlocks the account."),
        many=ngettext_lazy("Lock %(count)s account indefinitely", "Lock %(count)s accounts indefinitely", "number"),
        done=ngettext_lazy(
            "%(count)s account stays locked until somebody unlocks it.",
            "%(count)s accounts stay locked until somebody unlocks them.",
            "number",
        ),
        reasons=(_("Under attack"), _("Suspicious activity"), _("Under investigation")),
    ),
    "resend_invitation": Wording(
        label=_("Send invitation again"),
        selected=_("Send invitation again to selected accounts"),
        consequence=_("They get an email with a new link. The previous link stops working."),
        many=ngettext_lazy("Send %(count)s invitation again", "Send %(count)s invitations again", "number"),
        done=ngettext_lazy("%(count)s invitation was sent again.", "%(count)s invitations were sent again.", "number"),
        reasons=(_("The email did not arrive"), _("The link has expired"), _("Requested by the person")),
    ),
    "end_sessions": Wording(
        label=_("End sessions"),
        selected=_("End sessions of selected accounts"),
        consequence=_("They are logged out everywhere and can log in again with their password."),
        many=ngettext_lazy("End the sessions of %(count)s account", "End the sessions of %(count)s accounts", "number"),
        done=ngettext_lazy(
            "The sessions of %(count)s account were ended.", "The sessions of %(count)s accounts were ended.", "number"
        ),
        reasons=(_("A device was lost"), _("Suspicious activity"), _("Requested by the person")),
    ),
}


def transition_label(name: str) -> Text:
    """The label of the transition with this name, or the name itself if the code no longer knows it."""
    return WORDINGS[name].label if name in WORDINGS else name
