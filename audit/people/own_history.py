"""A person's own records, in words for that person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import UserStateAudit
from audit.reasons import IN_OWN_WORDS
from users.actors import ANONYMOUS, CLI, SYSTEM, ActorKind
from users.causes import Cause
from users.states import State
from users.transitions import ABOUT

Text = str | Promise

HAPPENED: dict[str, Text] = {
    "create": _("Your account was created"),
    **{name: about.happened for name, about in ABOUT.items()},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the reader's own account."""

    moment: datetime
    what: Text
    state: State | None
    """The state that it led to; None for the death of an account."""

    who: Text
    """“you”, “the system”, “somebody who was not logged in” or “an administrator”; nobody else by name."""

    ip_address: str = ""
    """The address, if the person acted. Empty if others did."""

    why: Text = ""
    """The cause, unless it is a mere request. Only administrators see what people wrote."""


def entry(record: UserStateAudit) -> Entry:
    """The record as its own person may see it."""
    own = record.actor_id is not None and record.actor_id == record.user_id
    return Entry(
        moment=record.datetime,
        what=HAPPENED.get(record.transition, record.transition),
        state=State(record.end_state) if record.end_state in State else None,
        who=_who(record, own=own),
        ip_address=record.ip_address if own and record.ip_address != CLI else "",
        why=_why(record, own=own),
    )


def _why(record: UserStateAudit, *, own: bool) -> Text:
    if record.cause in IN_OWN_WORDS:
        return record.description if own else ""
    # The actor and the event say it already.
    if record.cause in (Cause.LEFT, Cause.CREATED) or record.cause not in Cause:
        return ""
    return Cause(record.cause).label


def _who(record: UserStateAudit, *, own: bool) -> Text:
    if own:
        return _("you")
    if record.actor_kind == ActorKind.SYSTEM or _is_named(record, SYSTEM):
        return _("the system")
    if record.actor_kind == ActorKind.ANONYMOUS or _is_named(record, ANONYMOUS):
        return _("somebody who was not logged in")
    return _("an administrator")


def _is_named(record: UserStateAudit, name: str) -> bool:
    """Whether a record of format 1, which has no kinds of actors, has this actor."""
    return not record.actor_kind and record.actor_id is None and record.initiated_by == name
