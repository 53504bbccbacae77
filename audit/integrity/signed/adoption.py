"""Births of accounts that had no record when the audit trail was installed: each begins in its current state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.integrity.signed.facts import Facts, message_of, new_salt
from audit.integrity.signed.signing import FORMAT, signature
from users.actors import CLI, SYSTEM
from users.causes import Cause
from users.input.text import storable
from users.lifecycle import whole_milliseconds

NAME_LENGTH = 255
ADOPTED = "adopted"
"""The detail, signed with the record, by which such a birth may have a sequence above 0 with nothing before it."""


def birth(
    user_id: Any, username: str, state: str, version: int, locked_until: datetime | None, *, moment: datetime
) -> dict[str, Any]:
    """The columns of the record of an account that was found with this state and version."""
    facts = Facts(
        user_id=user_id,
        username=storable(username, NAME_LENGTH),
        sequence=version,
        transition="create",
        start_state="",
        end_state=state,
        datetime=whole_milliseconds(moment),
        actor_id=None,
        initiated_by=str(SYSTEM),
        description="",
        ip_address=str(CLI),
        user_agent="",
        request_id="",
        cause=Cause.FOUND.value,
        locked_until=locked_until,
        actor_kind=SYSTEM.kind.value,
        details={ADOPTED: True},
        person_salt=new_salt(),
        actor_salt=new_salt(),
    )
    return facts._asdict() | {"signature": signature(message_of(facts, FORMAT))}


def is_adoption(facts: Facts) -> bool:
    """Whether this is such a birth."""
    return facts.start_state == "" and facts.cause == Cause.FOUND and bool((facts.details or {}).get(ADOPTED))
