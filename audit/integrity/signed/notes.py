"""
Reads the signed notes about the record: checkpoints, archives, floors, erasures, declarations, steps of schedules.

The site's role may write these tables, and SQLite keeps any value in any column. A note that nobody can read must not
keep the others from being read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from audit.integrity.signed.facts import UNREADABLE, is_outage
from audit.models.notes import AuditFloor, Signed

Row = TypeVar("Row", bound=Model)
Note = TypeVar("Note", bound=Signed)


class Illegible(NamedTuple):
    """A note that nobody can read."""

    id: int
    message: str


def read(notes: QuerySet[Row]) -> Iterator[Row | Illegible]:
    """Yield these notes or other rows, and something in place of those that nobody can read."""
    try:
        found = list(notes)
    except UNREADABLE:
        for key in notes.values_list("pk", flat=True):
            yield _read_one(notes.model, key, notes.db)
    else:
        yield from found


def genuine(notes: QuerySet[Note]) -> Iterator[Note]:
    """Yield those of these notes that are genuine."""
    for note in read(notes):
        if not isinstance(note, Illegible) and note.is_genuine:
            yield note


def archived_until(user_ids: Collection[Any], *, using: str) -> dict[str, int]:
    """Return up to which sequence the records of these users are archived, by the text of their keys."""
    floors = AuditFloor.objects.using(using).filter(user__in=user_ids)
    return {str(floor.user_id): floor.sequence for floor in genuine(floors)}


def _read_one(model: type[Row], key: int, using: str) -> Row | Illegible:
    try:
        return model._base_manager.using(using).get(pk=key)
    except UNREADABLE as error:
        if is_outage(error):
            raise
        return Illegible(key, f"the {model._meta.verbose_name} {key} in the database cannot be read: {error}")
