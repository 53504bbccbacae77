"""
Verifies scheduled changes against the signed notes of their steps.

A step and its note are committed together. The row is read first, so a note that is not there then is really missing. A
row that another transaction has settled meanwhile is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Exists, OuterRef

from audit.integrity.erased import Erasures
from audit.integrity.signed import notes
from audit.integrity.signed.facts import is_erased, is_sealed
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.notes import Illegible
from audit.integrity.signed.scheduling import facts_of
from audit.models import SchedulingNote, Step
from users.models import ScheduledChange
from users.models.scheduled_change import Outcome

PAGE = 1000


def findings(using: str, user_ids: Collection[Any] | None = None) -> Iterator[Finding]:
    """Yield what is wrong with the scheduled changes of these users, by default of all."""
    changes = ScheduledChange.objects.using(using).order_by("pk")
    written = SchedulingNote.objects.using(using).order_by("pk")
    if user_ids is not None:
        changes, written = changes.filter(user__in=user_ids), written.filter(user__in=user_ids)
    yield from _notes(written, using)
    last = 0
    while keys := list(changes.filter(pk__gt=last).values_list("pk", flat=True)[:PAGE]):
        yield from _changes(keys, using)
        last = keys[-1]
    for note in notes.read(written.filter(~Exists(ScheduledChange.objects.filter(pk=OuterRef("change"))))):
        if not isinstance(note, Illegible):
            yield _finding(note, f"the change {note.change} was {note.what}, and no longer exists")


def _notes(written: Any, using: str) -> Iterator[Finding]:
    """Yield a finding for each note that is not genuine, or whose personal data is gone without a reason."""
    erasures, last = Erasures(using), 0
    while keys := list(written.filter(pk__gt=last).values_list("pk", flat=True)[:PAGE]):
        for note in notes.read(written.filter(pk__in=keys)):
            if isinstance(note, Illegible):
                yield Finding(Kind.SCHEDULE, note.message)
            elif not note.is_genuine:
                yield _finding(note, f"the note that the change {note.change} was {note.what} {note.verdict.value}")
            elif is_erased(facts := facts_of(note)):
                yield from (_finding(note, message) for message in erasures.problems(facts))
        last = keys[-1]


def _changes(keys: list[int], using: str) -> Iterator[Finding]:
    for change in notes.read(ScheduledChange.objects.using(using).filter(pk__in=keys).order_by("pk")):
        if isinstance(change, Illegible):
            yield Finding(Kind.SCHEDULE, change.message)
        elif problem := (_problem(change, _notes_of(change)) and _problem_now(change, using)):
            yield Finding(Kind.SCHEDULE, f"the change {change.pk} {problem}", change.user_id, change.username)


def _problem_now(change: ScheduledChange, using: str) -> str:
    """Read a change again, which may have been settled after it was read, and return what is still wrong."""
    again = ScheduledChange.objects.using(using).filter(pk=change.pk).first()
    return _problem(again, _notes_of(again)) if again else ""


def _finding(note: SchedulingNote, message: str) -> Finding:
    return Finding(Kind.SCHEDULE, message, note.user_id, note.username)


def _notes_of(change: ScheduledChange) -> dict[str, SchedulingNote]:
    """Return the genuine notes of a change by their step. The others prove nothing, and are findings themselves."""
    written = SchedulingNote.objects.using(change._state.db).filter(change=change.pk)
    return {note.what: note for note in notes.genuine(written)}


def _problem(change: ScheduledChange, written: dict[str, SchedulingNote]) -> str:
    """Return what is wrong with a scheduled change, or an empty text."""
    settled = [] if change.outcome == Outcome.PENDING else [change.outcome]
    steps = [Step.SCHEDULED, *settled]
    for step in steps:
        if step not in written:
            return f"is {change.outcome}, and no note says that it was {step}"
    for step in written:
        if step not in steps:
            return f"was {step}, and is {change.outcome}"
    differing = [name for step in steps for name in _differing(change, written[step])]
    return f"is not what was noted: {', '.join(dict.fromkeys(differing))}" if differing else ""


def _differing(change: ScheduledChange, note: SchedulingNote) -> Iterator[str]:
    """Yield the columns of a change that differ from one of its notes."""
    by, key = "scheduled" if note.what == Step.SCHEDULED else "settled", note.actor_id
    pairs: dict[str, Any] = {
        "user_id": note.user_id,
        "transition": note.transition,
        "at": note.at,
        "until": note.until,
        f"{by}_at": note.datetime,
        f"{by}_by_key": "" if key is None else str(key),
    }
    if note.what == Step.SCHEDULED:
        pairs["scheduled_by_kind"] = note.actor_kind
    if not is_sealed(note.person_salt):
        pairs["username"] = note.username
        pairs["description" if note.what == Step.SCHEDULED else "note"] = note.description
    if not is_sealed(note.actor_salt):
        pairs[f"{by}_by"] = note.initiated_by
    yield from (name for name, noted in pairs.items() if getattr(change, name) != noted)
