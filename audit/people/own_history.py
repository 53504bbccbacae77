"""A person's own records, in words for that person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import UserStateAudit
from users.actors import ANONYMOUS, CLI, SYSTEM
from users.states import State

Text = str | Promise

HAPPENED: dict[str, Text] = {
    "activate": _("Your account was activated"),
    "lock": _("Your account was locked"),
    "unlock": _("Your account was unlocked"),
    "deactivate": _("Your account was deactivated"),
    "reactivate": _("Your account was reactivated"),
}

REASONS: dict[str, Text] = {
    "accepted the invitation": _("accepted the invitation"),
    "lock expired": _("the lock had expired"),
    "by the link in the mail": _("by the link in the mail"),
    "by the person": "",  # who did it stands beside it already
}
"""The reasons that this project records itself, as its person reads them; the record keeps what was recorded."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to the account of who reads this."""

    moment: datetime
    what: Text
    state: State
    """The state that it led to."""

    who: Text
    """“you”, “the system”, “somebody who was not logged in” or “an administrator”; nobody else by name."""

    ip_address: str = ""
    """From where, for what the person did; empty for what others did."""

    why: Text = ""
    """The reason, for what the person or the system did; administrators write theirs for administrators."""


def entry(record: UserStateAudit) -> Entry:
    """The record as its own person may see it."""
    own = record.actor_id is not None and record.actor_id == record.user_id
    # The reason of a lock names the addresses that guessed, even where the last guess was the person's own.
    disclosed = _by_the_system(record) or (own and record.transition != "lock")
    return Entry(
        moment=record.datetime,
        what=HAPPENED.get(record.transition, record.transition),
        state=State(record.end_state),
        who=_who(record, own=own),
        ip_address=record.ip_address if own and record.ip_address != CLI else "",
        why=REASONS.get(record.description, record.description) if disclosed else "",
    )


def _who(record: UserStateAudit, *, own: bool) -> Text:
    if own:
        return _("you")
    if _by_the_system(record):
        return _("the system")
    if record.actor_id is None and record.initiated_by == ANONYMOUS:
        return _("somebody who was not logged in")
    return _("an administrator")


def _by_the_system(record: UserStateAudit) -> bool:
    return record.actor_id is None and record.initiated_by == SYSTEM
