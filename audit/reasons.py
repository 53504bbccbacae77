"""The reason of a change in the reader's language, from its cause, details and description."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.models import UserStateAudit
from users.causes import Cause

IN_OWN_WORDS = frozenset({"", Cause.REQUEST})
"""Causes that add nothing to the description."""

SAID_BY_THE_CAUSE = frozenset(
    {
        Cause.CREATED,
        Cause.FOUND,
        Cause.INVITATION_ACCEPTED,
        Cause.FAILED_LOGINS,
        Cause.LOCK_EXPIRED,
        Cause.UNLOCK_LINK,
        Cause.KNOWN_DEVICE,
        Cause.LEFT,
        Cause.DORMANT,
    }
)
"""Causes that the description repeats in English, for readers without causes, such as django-fsm-log."""


def reason(record: UserStateAudit) -> str:
    """Return the reason for administrators and auditors."""
    if record.cause in IN_OWN_WORDS:
        return str(record.description)
    said = _figures(record) or str(record.get_cause_display())
    if record.description and record.cause not in SAID_BY_THE_CAUSE:
        return _("%(cause)s: %(description)s") % {"cause": said, "description": record.description}
    return said


def _figures(record: UserStateAudit) -> str:
    details = record.details or {}
    if record.cause == Cause.FAILED_LOGINS and isinstance(details.get("count"), int):
        return _failed_logins(details["count"], details.get("addresses") or [])
    if record.cause == Cause.DORMANT and isinstance(details.get("days"), int):
        days = ngettext("No login for %(count)d day", "No login for %(count)d days", details["days"])
        return days % {"count": details["days"]}
    return ""


def _failed_logins(count: int, addresses: list[str]) -> str:
    logins = ngettext("%(count)d failed login", "%(count)d failed logins", count) % {"count": count}
    if not addresses:
        return logins
    return _("%(logins)s from %(addresses)s") % {"logins": logins, "addresses": ", ".join(map(str, addresses))}
