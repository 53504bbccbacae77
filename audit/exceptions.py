"""What the record raises."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
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


class StateNotKnown(AuditError, LookupError):
    """
    The audit trail does not say in which state an account was: the moment is before what is kept of it.

    Older records may be in an archive (`audit_prune`), or the account is older than the audit trail.
    """

    def __init__(self, user: AbstractBaseUser, moment: datetime) -> None:
        super().__init__(f"no record says in which state {user.get_username()!r} was at {moment}")
        self.user = user
        self.moment = moment


class RefusedByDatabase(AuditError, IntegrityError):
    """
    The database refused a statement, or the COMMIT, that would have made the record or a state untrue.

    Nothing was written. `rule` says what was broken; the driver's own error is the cause. States are changed by
    transition methods; records are deleted in `audit.maintenance.declared`.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.message)
        self.rule = rule


class NotGenuine(AuditError, ValueError):
    """
    A checkpoint or an archive is not what was written, or is signed by a key that is not known.

    The message says which. Look at the file, and at whether `AUDIT_SIGNING_KEYS` still has the key of that time.
    """


class StillOpen(AuditError, TimeoutError):
    """
    Transactions that write records have not ended in time, so nobody can say which records there are.

    Try again when they have; `pids` names the processes of the database that hold them open (a prepared transaction
    has none).
    """

    def __init__(self, waited: timedelta, pids: set[int | None]) -> None:
        self.waited = waited
        self.pids = pids
        numbers = ", ".join(sorted(str(pid or "prepared") for pid in pids))
        super().__init__(f"transactions are open for more than {waited.total_seconds():g} s: {numbers}")


class CheckpointTooOld(AuditError, ValueError):
    """
    Records that came after a checkpoint have gone into an archive, so what it covers cannot be counted any more.

    Hold a checkpoint against the record that was taken when the archive was made, or later.
    """

    def __init__(self, checkpoint: str, archive: str) -> None:
        self.checkpoint = checkpoint
        self.archive = archive
        super().__init__(f"the checkpoint {checkpoint} is older than records that have gone into {archive}")


class ArchiveExists(AuditError, FileExistsError):
    """There is a file where an archive was to be written; choose another name. It was not touched."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is there already, and is not the archive of this run")


class TooYoung(AuditError, ValueError):
    """Records were to go that have to stay; `latest` is the moment before which they may go."""

    def __init__(self, latest: datetime) -> None:
        self.latest = latest
        super().__init__(f"records from {latest:%Y-%m-%d %H:%M %Z} on have to be kept (AUDIT_RETENTION_MINIMUM)")


class RecordsDisagree(AuditError):
    """
    Records do not go into an archive, or are not deleted, because something is wrong with them.

    Nothing is lost. `audit_verify` says more.
    """
