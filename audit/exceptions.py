"""The exceptions of this app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError
from django.db import IntegrityError

from audit.rules import Rule


class AuditError(Exception):
    """The base of all exceptions of this app."""


class RecordIsAppendOnly(AuditError, TypeError):
    """
    Somebody tried to change or delete a record, or to write one by hand.

    Records are written by transitions and stay as they are. To correct one, make another transition that says why.
    """

    def __init__(self) -> None:
        super().__init__("records of changes of state are written by transitions, and never changed or deleted")


class NothingToCarryOver(AuditError):
    """The database has no tables under the old labels, or has the new ones already."""

    def __init__(self, using: str) -> None:
        super().__init__(f"the database {using!r} has nothing under the labels users and audit to carry over")


class TooOldToCarryOver(AuditError):
    """The last migrations under the old labels were not applied. Apply them with the earlier version."""

    def __init__(self, missing: list[tuple[str, str]]) -> None:
        self.missing = missing
        names = ", ".join(f"{app}.{name}" for app, name in missing)
        super().__init__(f"these migrations have to be applied first, with the version that has them: {names}")


class RecordsWouldBeLost(AuditError, CommandError):
    """
    `migrate` would remove the audit trail, and it has records.

    Export or archive them first. Then allow their deletion by `AUDIT_RECORDS_DELETABLE = True`.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            f"{count} records would be lost. Export them (manage.py audit_export) or back up the database, then set "
            "AUDIT_RECORDS_DELETABLE = True for this one migrate"
        )


class StateNotKnown(AuditError, LookupError):
    """
    The audit trail does not say in which state an account was, because the moment is before its first kept record.

    Older records may be in an archive (`audit_prune`), or the account is older than the audit trail.
    """

    def __init__(self, user: AbstractBaseUser, moment: datetime) -> None:
        super().__init__(f"no record says in which state {user.get_username()!r} was at {moment}")
        self.user = user
        self.moment = moment


class NobodyOfThatName(AuditError, LookupError):
    """No user has this name, and no record names one."""

    def __init__(self, username: str) -> None:
        super().__init__(f"there is no user {username!r}, and no record names one")
        self.username = username


class SeveralOfThatName(AuditError, LookupError):
    """Several users have this name. Give the intended user a name of their own first."""

    def __init__(self, username: str) -> None:
        super().__init__(f"several users are called {username!r}; give the intended one a name of their own first")
        self.username = username


class RefusedByDatabase(AuditError, IntegrityError):
    """
    The database refused a statement, or the COMMIT, that would have made the record or a state untrue.

    Nothing was written. `rule` is the rule that was broken, and the driver's error is the cause. Use transition methods
    to change states, and `audit.maintenance.declared` to delete records.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.message)
        self.rule = rule


class IsActiveRefused(RefusedByDatabase, PermissionDenied):
    """
    A statement, such as `QuerySet.update`, would have made `is_active` disagree with the state.

    Pages of other packages write `is_active` like that. The person who clicked there gets a 403.
    """


class NotGenuine(AuditError, ValueError):
    """
    A checkpoint or an archive was altered, or is signed with an unknown key.

    The message says which. Check the file, and whether `AUDIT_SIGNING_KEYS` still contains the key of that time.
    """


class StillOpen(AuditError, TimeoutError):
    """
    Transactions that write records did not end in time, so the set of records is not settled.

    Try again later. `pids` names the database processes that hold the transactions open (None for a prepared one).
    """

    def __init__(self, waited: timedelta, pids: set[int | None]) -> None:
        self.waited = waited
        self.pids = pids
        numbers = ", ".join(sorted(str(pid or "prepared") for pid in pids))
        super().__init__(f"transactions have been open for more than {waited.total_seconds():g} s: {numbers}")


class CheckpointTooOld(AuditError, ValueError):
    """
    Records that are newer than a checkpoint have been archived, so the checkpoint can no longer be compared.

    Use a checkpoint that was taken with the archive or later.
    """

    def __init__(self, checkpoint: str, archive: str) -> None:
        self.checkpoint = checkpoint
        self.archive = archive
        super().__init__(f"the checkpoint {checkpoint} is older than records that have been archived in {archive}")


class CheckpointBroken(AuditError):
    """
    The record is not what the kept checkpoints cover, so no new checkpoint is added to them.

    A new one would describe what is left, and the loss would be forgotten. Run `audit_verify --checkpoint FILE` for
    details, and see docs/recovering.md.
    """

    def __init__(self, findings: Sequence[object]) -> None:
        self.findings = tuple(findings)
        super().__init__("the record does not match the kept checkpoints: " + "; ".join(map(str, findings)))


class RecordUnreadable(AuditError):
    """A record cannot be read, so no checkpoint can cover it. Run `audit_verify` for details."""


class ProcessKilled(AuditError):
    """
    One of the processes of a verification was killed, so the verification is not complete.

    The system kills processes when memory runs out. Use fewer of them (`--jobs`). With `--resume` the next run goes on.
    """

    def __init__(self) -> None:
        super().__init__("a process of the verification was killed, perhaps because memory ran out; it is not complete")


class ArchivedMeanwhile(AuditError):
    """Records were archived during a verification, which may have seen them neither here nor there. Run it again."""

    def __init__(self) -> None:
        super().__init__("records were archived during this verification, so it says nothing; run it again")


class OnStandby(AuditError):
    """
    The database is a standby, which does not show who is writing to the primary.

    Run the command on the primary. `place` says which database it was.
    """

    def __init__(self, place: object) -> None:
        self.place = place
        super().__init__(f"this database is a standby; run this on the primary ({place})")


class ReplicaBehind(AuditError, TimeoutError):
    """
    A standby has not replayed everything that a checkpoint covers, so nothing can be said yet. This is no tampering.

    Try again later, wait longer (`--wait`), or run the command on the primary.
    """

    def __init__(self, place: object, wanted: str) -> None:
        self.place = place
        self.wanted = wanted
        super().__init__(f"the replica has not reached {wanted} yet ({place})")


class NotAsSigned(AuditError, ValueError):
    """
    A fixture has a record that is not what was signed, so `loaddata` does not load it.

    `dumpdata --natural-primary` and `--natural-foreign` lead here: users get other keys when they are loaded, and a
    record is signed with the key of its user. Dump without these options.
    """

    def __init__(self, user_id: object, sequence: int) -> None:
        self.user_id = user_id
        self.sequence = sequence
        super().__init__(
            f"record {sequence} of user {user_id} is not what was signed. Dump without --natural-primary and "
            "--natural-foreign: they give users other keys, and records are signed with these"
        )


class NothingLost(AuditError):
    """There is no loss that is not declared already."""


class ArchiveExists(AuditError, FileExistsError):
    """The file for an archive already exists and was not changed. Choose another name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} already exists, and is not the archive of this run")


class TooYoung(AuditError, ValueError):
    """Records are too young to be archived. `latest` is the time before which records may be archived."""

    def __init__(self, latest: datetime) -> None:
        self.latest = latest
        super().__init__(f"records from {latest:%Y-%m-%d %H:%M %Z} on must be kept (AUDIT_RETENTION_MINIMUM)")


class RecordsDisagree(AuditError):
    """
    Records cannot be archived or deleted, because something is wrong with them.

    Nothing is lost. Run `audit_verify` for details.
    """
