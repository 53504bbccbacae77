"""The texts of the operations: of the transitions, and of the others."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from users import transitions
from users.causes import Cause
from users.transitions import Text, Wording

BEYOND_TRANSITIONS: Mapping[str, Wording] = {
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

BIRTH_AND_DEATH: Mapping[str, Text] = {"create": Cause.CREATED.label, "delete": Cause.DELETED.label}

WORDINGS: Mapping[str, Wording] = {
    **{name: about.wording for name, about in transitions.ABOUT.items()},
    **BEYOND_TRANSITIONS,
}


def transition_label(name: str) -> Text:
    """Return the label of the transition, birth or death with this name, or the name if the code no longer knows it."""
    return WORDINGS[name].label if name in WORDINGS else BIRTH_AND_DEATH.get(name, name)
