"""The kinds of findings of a verification."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.facts import canonical


class Kind(StrEnum):
    """The kind of a finding."""

    EDITED = "edited"
    """The signature of a record does not match."""

    UNSIGNED = "unsigned"
    """A record has no signature."""

    UNKNOWN_KEY = "unknown_key"
    """A record is signed with a key that is not in `AUDIT_SIGNING_KEYS`."""

    MISSING = "missing"
    """Records before this one are missing."""

    OUT_OF_ORDER = "out_of_order"
    """The sequence, key or time of a record is impossible at its place."""

    NOT_FOLLOWING = "not_following"
    """A record does not start in the state in which the one before ended."""

    STATE = "state"
    """The account is not in the state in which its last record ended."""

    VERSION = "version"
    """The account has made more or fewer transitions than it has records."""

    NO_BIRTH = "no_birth"
    """The account has no records, not even of its birth."""

    NO_DEATH = "no_death"
    """The user is gone, but no record says that the account was deleted."""

    LOCKED_UNTIL = "locked_until"
    """The end of the account's lock is not the one in its last record."""

    CHANGED_AT = "changed_at"
    """The time at which the account entered its state is not that of its last record."""

    IS_ACTIVE = "is_active"
    """The user's `is_active` disagrees with the state."""

    NO_STATE = "no_state"
    """The user has no `UserFSM`."""

    ERASED = "erased"
    """The personal data of a record is gone without a genuine note, or the note of an erasure was altered."""

    FLOOR = "floor"
    """The note of a user's archived records was altered."""

    CHECKPOINT = "checkpoint"
    """A checkpoint is not genuine, or does not match the records."""

    ARCHIVE = "archive"
    """An archive is not genuine or incomplete, or its note is not genuine."""

    SCHEDULE = "schedule"
    """A scheduled change is not what the signed notes of its steps say, or a note is not genuine."""

    UNREADABLE = "unreadable"
    """A value of a record cannot be read, such as a time of `infinity`."""

    DECLARATION = "declaration"
    """A declared loss or disturbance is not genuine."""

    JOURNAL = "journal"
    """A change that a journal acknowledges is not in the record, or the line is not genuine."""

    DATABASE = "database"
    """A table, a sequence or a trigger is not as migrations make it, so the database may show something else."""

    ROLL_UP = "roll_up"
    """A number that is kept for the dashboard does not agree with the record."""


LOSSES = frozenset(
    {
        Kind.CHECKPOINT,
        Kind.EDITED,
        Kind.JOURNAL,
        Kind.MISSING,
        Kind.NO_DEATH,
        Kind.NOT_FOLLOWING,
        Kind.STATE,
        Kind.UNREADABLE,
        Kind.VERSION,
    }
)
"""The kinds that can be declared as lost, because their findings say exactly what is lost."""


class Gone(NamedTuple):
    """Records between two keys that a checkpoint covers and that are lost or replaced."""

    after: int
    upto: int
    difference: SetDigest
    """The digest of the covered records minus that of the found ones."""

    until: int
    """The highest key that the database had. After a restore, keys between this and `upto` are given to new records."""

    def to_item(self) -> str:
        """Return it as text, to be signed."""
        difference, until = self.difference, [self.until] if self.until < self.upto else []
        found = (difference.count, difference.to_bytes().hex())
        return canonical("gone", self.after, self.upto, *found, *until).decode()

    @classmethod
    def from_item(cls, item: str) -> Self | None:
        """Parse the output of `to_item`, or return None."""
        kind, *values = json.loads(item)
        if kind != "gone":
            return None
        after, upto, count, total, *until = values
        return cls(after, upto, SetDigest.stored(count, bytes.fromhex(total)), *until or [upto])


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, and its place."""

    kind: Kind
    message: str
    user_id: Any = None
    username: str = ""
    sequence: int | None = None
    """The sequence of the record concerned, or of the first missing one. None if it is not about a single record."""

    item: str = ""
    """The item for a declaration, empty if the finding cannot be declared."""

    gone: Gone | None = None
    moments: tuple[datetime, datetime] | None = None
    """The times of two records in the wrong order."""

    declared: str = ""
    """The reason and author of the declaration, empty if it is not declared."""

    def __str__(self) -> str:
        whose = f"{self.username or 'user'} ({self.user_id})" if self.user_id is not None else "the record"
        number = f" #{self.sequence}" if self.sequence is not None else ""
        return f"{self.kind}: {whose}{number}: {self.message}"

    @property
    def is_loss(self) -> bool:
        """Whether it can be declared as lost."""
        return self.kind in LOSSES and bool(self.item or self.gone)

    def as_dict(self) -> dict[str, Any]:
        """Return it for `--json`."""
        told = {"kind": self.kind, "message": self.message, "user_id": self.user_id, "username": self.username}
        return told | {"sequence": self.sequence} | ({"declared": self.declared} if self.declared else {})
