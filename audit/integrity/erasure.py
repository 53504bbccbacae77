"""
Erases the personal data of one user from the record. The facts stay, and the record still verifies.

`audit.integrity.blanking` says what is blanked. A signed note (`AuditErasure`) says when, why and by whom. Without one,
verification reports every record whose data is gone (`audit.integrity.erased`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils import timezone

from audit import context
from audit.integrity import blanking, persons
from audit.integrity.persons import Person
from audit.maintenance import declared
from audit.models import AuditErasure
from audit.rollup import keeping as rollup
from users.input.text import storable
from users.lifecycle import whole_milliseconds


@dataclass(slots=True)
class Erased:
    """What an erasure has done."""

    notes: list[AuditErasure] = field(default_factory=list)
    """One for each person; several deleted users may have had the name."""

    left: list[str] = field(default_factory=list)
    """The rows that the database refused to change because they break its other rules, each with the reason."""

    @property
    def records(self) -> int:
        """The number of records that were blanked."""
        return sum(note.records for note in self.notes)


def erase(username: str, reason: str, *, using: str) -> Erased:
    """
    Erase the personal data of the user with this current or former name, and leave a signed note.

    Raises `NobodyOfThatName` if neither a user nor a record has the name, `SeveralOfThatName`, and the exceptions of
    `audit.maintenance.declared`. Records of format 1 sign their texts directly. Blanking them would break their
    signatures, so they are left as they are and not counted in the note.
    """
    found = persons.named(username, using=using)
    erased = Erased()
    keys = ", ".join(str(person.user_id) for person in found)
    with declared(f"erasure of user {keys}: {reason}", using=using):
        rollup.forget(using)  # which may have an address that is erased
        for person in found:
            blanked, left = blanking.blank(person, using=using)
            erased.notes.append(_note(person, reason, blanked, using))
            erased.left += left
    return erased


def _note(person: Person, reason: str, blanked: int, using: str) -> AuditErasure:
    note = AuditErasure(
        user_id=person.user_id,
        since=person.since,
        until=person.until,
        made_at=whole_milliseconds(timezone.now()),
        reason=storable(reason),
        initiated_by=context.actor().name,
        records=blanked,
    )
    note.sign()
    note.save(using=using)
    return note
