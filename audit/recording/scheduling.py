"""Notes the steps of scheduled changes, in the transaction of the step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.context import NAME_LENGTH
from audit.integrity.signed.facts import new_salt
from audit.models import SchedulingNote, Step
from users.actors import By
from users.input.details import storable_details
from users.input.text import storable
from users.models import ScheduledChange
from users.models.scheduled_change import Outcome


def note(change: ScheduledChange, *, by: By, details: Mapping[str, Any] | None) -> None:
    """Store a signed note that this change was scheduled, or of its outcome."""
    is_new = change.outcome == Outcome.PENDING
    written = SchedulingNote(
        change=change.pk,
        user_id=change.user_id,
        username=storable(change.username, NAME_LENGTH),
        what=Step.SCHEDULED if is_new else Step(change.outcome),
        transition=change.transition,
        at=change.at,
        until=change.until,
        datetime=change.settled_at or change.scheduled_at,
        description=change.description if is_new else change.note,
        details=storable_details(details),
        person_salt=new_salt(),
        actor_salt=new_salt(),
        **SchedulingNote.acting(by),
    )
    written.sign()
    written.save(using=change._state.db)
