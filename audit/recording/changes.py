"""Turns a change into a record: builds it, signs it, and hands it to the unit of work that writes it."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import transaction

from audit import context
from audit.integrity.kept import journal
from audit.integrity.signed.facts import Facts, message_of, new_salt
from audit.integrity.signed.signing import FORMAT, signature
from audit.models import UserStateAudit
from users import lifecycle
from users.input.text import storable
from users.lifecycle import RowValues, Underway
from users.models import UserFSM

_AS_BUILT = (*Facts._fields, "id", "signature")
_in_columns = itemgetter(*(_AS_BUILT.index(field.attname) for field in UserStateAudit._meta.concrete_fields))


class Change(NamedTuple):
    """A change of an account: a transition, its birth or its death."""

    name: str
    start_state: str
    """Empty at a birth."""

    end_state: str
    """Empty at a death."""

    locked_until: datetime | None = None


def record(fsm: UserFSM, now: Underway, change: Change, **words: Any) -> None:
    """
    Hand over the signed record of a change. Its log line is written after the commit.

    `words` are the keywords of the transition; `by`, `description`, `cause` and `details` are used.
    """
    actor, origin = context.actor(words.get("by")), context.origin()
    facts = Facts(
        user_id=fsm.user_id,
        username=storable(now.username, context.NAME_LENGTH),
        sequence=now.sequence,
        transition=change.name,
        start_state=change.start_state,
        end_state=change.end_state,
        datetime=now.moment,
        actor_id=actor.user_id,
        initiated_by=actor.name,
        description=storable(words.get("description") or ""),
        ip_address=origin.ip_address,
        user_agent=origin.user_agent,
        request_id=origin.request_id or now.correlation_id,
        cause=words["cause"],
        locked_until=change.locked_until,
        actor_kind=actor.kind,
        impersonator_id=actor.impersonator_id,
        impersonator_name=actor.impersonator_name,
        details=words["details"],
        person_salt=new_salt(),
        actor_salt=new_salt(),
    )
    signed = signature(message_of(facts, FORMAT))
    lifecycle.write_along(RowValues(UserStateAudit, _in_columns((*facts, None, signed))))
    # A function, not a `partial`: Django logs the name of one that fails, and a `partial` has none.
    transaction.on_commit(lambda: journal.write(facts, signed), using=now.using, robust=True)
