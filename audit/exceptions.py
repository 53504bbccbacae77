"""What the record raises."""

from __future__ import annotations


class AuditError(Exception):
    """Base of the errors of this app."""


class RecordIsAppendOnly(AuditError, TypeError):
    """
    Somebody tried to change or delete a record, or to write one by hand.

    Records are written by transitions and stay as they are. To correct one, make another transition that says why.
    """

    def __init__(self) -> None:
        super().__init__("records of changes of state are written by transitions, and never changed or deleted")
