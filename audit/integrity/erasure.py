"""
Erases the personal data of one user from the record. The facts stay, and the record still verifies.

`audit.integrity.blanking` says what is blanked. A signed note (`AuditErasure`) says when, why and by whom. Without one,
verification reports every record whose data is gone (`audit.integrity.erased`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from audit import context
from audit.exceptions import NobodyOfThatName, SeveralOfThatName
from audit.integrity import blanking
from audit.integrity.signed.columns import in_place
from audit.maintenance import declared
from audit.models import AuditErasure, UserStateAudit
from audit.rollup import keeping as rollup
from users.input.text import storable
from users.lifecycle import whole_milliseconds
from users.rows.user_model import called


@dataclass(slots=True)
class Erased:
    """What an erasure has done."""

    notes: list[AuditErasure] = field(default_factory=list)
    """One for each key; several deleted users may have had the name."""

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
    keys = keys_of(username, using=using)
    erased = Erased()
    with declared(f"erasure of {len(keys)} user(s): {reason}", using=using):
        rollup.forget(using)  # which may have an address that is erased
        for key in keys:
            blanked, left = blanking.blank(key, using=using)
            erased.notes.append(_note(key, reason, blanked, using))
            erased.left += left
    return erased


def keys_of(username: str, *, using: str) -> list[Any]:
    """
    Return the key of the user with this name, or those of deleted users who had it.

    Raises `NobodyOfThatName`, and `SeveralOfThatName` where several users have it and only one of them may be meant.
    """
    if called(username, using=using).count() > 1:
        raise SeveralOfThatName(username)
    return keys_of_all(username, using=using)


def keys_of_all(username: str, *, using: str) -> list[Any]:
    """Return the keys of the users with this name, or of deleted users who had it. Raises `NobodyOfThatName`."""
    gone = in_place(UserStateAudit.objects.using(using)).filter(username=username).order_by("user_id")
    keys = list(called(username, using=using).values_list("pk", flat=True))
    if not keys:
        keys = list(gone.values_list("user_id", flat=True).distinct())
    if not keys:
        raise NobodyOfThatName(username)
    return keys


def _note(key: Any, reason: str, blanked: int, using: str) -> AuditErasure:
    note = AuditErasure(
        user_id=key,
        made_at=whole_milliseconds(timezone.now()),
        reason=storable(reason),
        initiated_by=context.actor().name,
        records=blanked,
    )
    note.sign()
    note.save(using=using)
    return note
