"""
Walks through all records and all accounts, and reports what is wrong.

Both checks are correct while transitions go on. Records are only ever appended to each user's. Each account is read in
one statement with its last record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.exceptions import CheckpointTooOld
from audit.integrity.checkpoints import Checkpoint
from audit.integrity.digest import SetDigest
from audit.integrity.erasure import Erasures
from audit.integrity.facts import Facts, Start
from audit.integrity.findings import Finding, Kind, check_account, check_records
from audit.integrity.reading import Page, Records, chains, last_before, pages_by_user, pages_of_accounts
from audit.models import AuditArchive, AuditCheckpoint, AuditFloor, UserStateAudit


@dataclass(slots=True)
class Held:
    """A checkpoint to compare with the record, and the digest of the records found so far."""

    checkpoint: Checkpoint
    name: str
    found: SetDigest = field(default_factory=SetDigest)


@dataclass(slots=True)
class Verification:
    """
    One walk through the record of a database, or a part of it.

    A part is the records of some users, or those from some time on. Checkpoints can only be compared with the whole
    record. After `findings` has ended, `records` and `accounts` are the numbers of those seen.
    """

    using: str
    user_ids: Collection[Any] | None = None
    since: datetime | None = None
    checkpoints: Iterable[tuple[str, Checkpoint]] = ()
    """Genuine checkpoints from elsewhere, each with a name for the findings."""

    on_page: Callable[[int], Any] = lambda _: None
    """Called with the number of records of each page."""

    records: int = 0
    accounts: int = 0
    _held: list[Held] = field(default_factory=list)
    _noticed: list[Finding] = field(default_factory=list)
    _erasures: Erasures = field(init=False)

    def findings(self) -> Iterator[Finding]:
        """
        Yield what is wrong, during the walk.

        Raises `CheckpointTooOld` before the walk if a checkpoint can no longer be compared.
        """
        if self.user_ids is None and self.since is None:
            yield from self._prepare_checkpoints()
        yield from self._check_records()
        for page in pages_of_accounts(self.using, self.user_ids):
            for account in page:
                yield from check_account(account)
            self.accounts += len(page)
        for held in self._held:
            yield from check_held(held)

    def total(self) -> int:
        """Return the number of records in the walk."""
        return self._scope().count()

    def _scope(self) -> Records:
        records = UserStateAudit.objects.using(self.using)
        if self.user_ids is not None:
            records = records.filter(user__in=self.user_ids)
        return records if self.since is None else records.filter(datetime__gte=self.since)

    def _check_records(self) -> Iterator[Finding]:
        self._erasures = Erasures(self.using)
        for note in self._erasures.forged:
            message = f"the note of the erasure of {note.made_at:%Y-%m-%d %H:%M:%S} is not genuine"
            yield Finding(Kind.ERASED, message, note.user_id)
        for _, start, rows in chains(self._pages(), self._starts):
            yield from check_records(rows, start)
            yield from self._told()
        yield from self._told()

    def _told(self) -> Iterator[Finding]:
        """What was noticed beside the records of one user."""
        yield from self._noticed
        self._noticed.clear()

    def _erased(self, facts: Facts) -> Iterator[Finding]:
        for message in self._erasures.problems(facts):
            yield Finding(Kind.ERASED, message, facts.user_id, facts.username, facts.sequence)

    def _pages(self) -> Iterator[Page]:
        for page in pages_by_user(self._scope()):
            yield page
            self._noticed += (finding for row in page for finding in self._erased(row.facts))
            for held in self._held:
                for row in page:
                    if row.id <= held.checkpoint.last_id:
                        held.found.add(row.message)
            self.records += len(page)
            self.on_page(len(page))

    def _starts(self, user_ids: set[Any]) -> Mapping[Any, Start]:
        starts = {}
        for floor in AuditFloor.objects.using(self.using).filter(user__in=user_ids):
            if floor.is_genuine:
                starts[floor.user_id] = floor.start
            else:
                message = f"the note that records until {floor.sequence} were archived is not genuine"
                self._noticed.append(Finding(Kind.FLOOR, message, floor.user_id, sequence=floor.sequence))
        if self.since is not None:
            starts.update(last_before(self.since, user_ids, using=self.using))
        return starts

    def _prepare_checkpoints(self) -> Iterator[Finding]:
        self._held = [Held(checkpoint, name) for name, checkpoint in self.checkpoints]
        newest = AuditCheckpoint.objects.using(self.using).order_by("pk").last()
        if newest and newest.is_genuine:
            self._held.append(Held(Checkpoint.of(newest), "in the database"))
        elif newest:
            yield Finding(Kind.CHECKPOINT, f"the checkpoint {newest.pk} in the database is not genuine")
        for archive in AuditArchive.objects.using(self.using):
            if not archive.is_genuine:
                yield Finding(Kind.ARCHIVE, f"the note of the archive {archive} is not genuine")
                continue
            for held in self._held:
                if archive.last_id > held.checkpoint.last_id:
                    raise CheckpointTooOld(held.name, archive.name)
                held.found += archive.digest


def check_held(held: Held) -> Iterator[Finding]:
    """Compare a checkpoint with the records that the walk has found."""
    was, found = held.checkpoint, held.found
    whose = f"the checkpoint {held.name} of {was.made_at:%Y-%m-%d %H:%M:%S %Z}"
    if found.count != was.count:
        yield Finding(Kind.CHECKPOINT, f"{whose} covers {was.count} records, and there are {found.count} of them")
    elif found.hexdigest() != was.digest:
        yield Finding(Kind.CHECKPOINT, f"the {was.count} records are not those that {whose} covers")
