"""What the record raises."""

from __future__ import annotations

from django.db import IntegrityError

from audit.rules import Rule


class AuditError(Exception):
    """Base of the errors of this app."""


class RecordIsAppendOnly(AuditError, TypeError):
    """
    Somebody tried to change or delete a record, or to write one by hand.

    Records are written by transitions and stay as they are. To correct one, make another transition that says why.
    """

    def __init__(self) -> None:
        super().__init__("records of changes of state are written by transitions, and never changed or deleted")


class RefusedByDatabase(AuditError, IntegrityError):
    """
    The database refused a statement, or the COMMIT, that would have made the record or a state untrue.

    Nothing was written. `rule` says what was broken; the driver's own error is the cause. States are changed by
    transition methods; records are deleted in `audit.maintenance.declared`.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.message)
        self.rule = rule
