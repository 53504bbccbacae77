"""The signed content of a note about scheduling, and notes for changes that were scheduled before notes existed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from audit.integrity.signed.facts import Facts, actor_digest, canonical, canonical_moment, new_salt, person_digest
from audit.integrity.signed.signing import signature
from users.actors import SYSTEM, ActorKind

SCHEDULED = "scheduled"
CANCELLED = "cancelled"


def message(change: int, at: datetime, facts: Facts) -> bytes:
    """
    Return the bytes to sign. The cause of `facts` is the step, and their `locked_until` is the end of the scheduled
    lock.

    Personal data is signed through two digests, as in a record of format 2, so that it can be erased.
    """
    return canonical(
        "scheduling",
        str(facts.user_id),
        change,
        facts.cause,
        facts.transition,
        canonical_moment(at),
        None if facts.locked_until is None else canonical_moment(facts.locked_until),
        canonical_moment(facts.datetime),
        _key(facts.actor_id),
        facts.actor_kind,
        _key(facts.impersonator_id),
        facts.request_id,
        person_digest(facts),
        actor_digest(facts),
    )


def facts_of(note: Any) -> Facts:
    """Return the content of a note as the facts of a record, so that both share digests and erasure."""
    return Facts(
        user_id=note.user_id,
        username=note.username,
        sequence=0,
        transition=note.transition,
        start_state="",
        end_state="",
        datetime=note.datetime,
        actor_id=note.actor_id,
        initiated_by=note.initiated_by,
        description=note.description,
        ip_address=note.ip_address,
        user_agent=note.user_agent,
        request_id=note.request_id,
        cause=note.what,
        locked_until=note.until,
        actor_kind=note.actor_kind,
        impersonator_id=note.impersonator_id,
        impersonator_name=note.impersonator_name,
        details=note.details,
        person_salt=note.person_salt,
        actor_salt=note.actor_salt,
    )


def adopted(change: Any, note_model: Any) -> Iterator[Any]:
    """Yield the signed notes of a change that was scheduled before there were notes, as its row says."""
    scheduled = {
        "what": SCHEDULED,
        "datetime": change.scheduled_at,
        "initiated_by": change.scheduled_by,
        "actor_kind": change.scheduled_by_kind,
        "actor_id": _actor(note_model, change.scheduled_by_key),
        "description": change.description,
    }
    yield _adopted(change, note_model, scheduled)
    if change.settled_at is not None:
        key = change.settled_by_key
        kind = SYSTEM.kind if change.outcome != CANCELLED else ActorKind.USER if key else ActorKind.NAMED
        settled = {
            "what": change.outcome,
            "datetime": change.settled_at,
            "initiated_by": change.settled_by,
            "actor_kind": kind.value,
            "actor_id": _actor(note_model, key),
            "description": change.note,
        }
        yield _adopted(change, note_model, settled)


def _adopted(change: Any, note_model: Any, step: dict[str, Any]) -> Any:
    planned = {name: getattr(change, name) for name in ("user_id", "username", "transition", "at", "until")}
    salts = {"person_salt": new_salt(), "actor_salt": new_salt()}
    note = note_model(change=change.pk, **planned, **step, **salts)
    note.signature = signature(message(note.change, note.at, facts_of(note)))
    return note


def _actor(model: Any, key: str) -> Any:
    """The key of a user, which a scheduled change keeps as text."""
    return model._meta.get_field("actor").target_field.to_python(key) if key else None


def _key(key: Any) -> str | None:
    return None if key is None else str(key)
