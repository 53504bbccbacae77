"""
Verifies the record of a database: walks through all records and accounts, compares checkpoints, and marks declared
findings.

`audit.integrity.walk` checks records and accounts, and `audit.integrity.kept.vault` compares checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from audit import tables, triggers
from audit.integrity import collecting, schedule
from audit.integrity.erased import Erasures
from audit.integrity.kept.archive_notes import unchanged
from audit.integrity.kept.buckets import Buckets
from audit.integrity.kept.comparing import Kept
from audit.integrity.kept.declared import Declared
from audit.integrity.kept.journal_check import check_journals
from audit.integrity.kept.place import wait_for
from audit.integrity.kept.vault import Vault
from audit.integrity.parts import Parts
from audit.integrity.signed.columns import out_of_place
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.walk import Scope, Walk
from audit.models import AuditArchive, AuditDeclaration, AuditFloor
from audit.rollup import checking as rollup


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
    checkpoints: Iterable[Kept] = ()
    """Genuine checkpoints from elsewhere, each with a name for the findings."""

    journals: Iterable[Path] = ()
    """Journals, whose changes must all be in the record."""

    jobs: int = 1
    """The number of processes."""

    resume: Path | None = None
    """A file for the progress, to continue after an interruption."""

    settled: int | None = None
    """The highest key of the records that are compared with checkpoints, or None for all."""

    wait: timedelta = timedelta()
    """How long to wait for a standby to replay what the checkpoints cover."""

    on_page: Callable[[int], Any] = lambda _: None
    """Called with the number of records of each page."""

    records: int = 0
    accounts: int = 0
    begun: datetime | None = None
    """After `findings` has begun, when the walk that it continues began."""

    def findings(self) -> Iterator[Finding]:
        """
        Yield what is wrong, during the walk. Declared findings are included and marked.

        Raises `CheckpointTooOld` before the walk if no checkpoint from elsewhere can be compared, `ReplicaBehind` if a
        standby has not replayed what they cover, and `NotGenuine` if the file to resume from is of another walk. At the
        end, raises `ArchivedMeanwhile` if records were archived. Then the findings may be none.
        """
        declared = Declared.read(self.using)
        yield from declared.damaged
        yield from Erasures(self.using).damaged
        with unchanged(self.using), collecting.seldom():  # processes that are forked meanwhile do the same
            yield from declared.explain(self._findings(declared))

    def total(self) -> int:
        """Return the number of records in the walk."""
        return self._scope.records().count()

    @property
    def _scope(self) -> Scope:
        return Scope(self.using, self.user_ids, self.since)

    def _findings(self, declared: Declared) -> Iterator[Finding]:
        if not self._scope.is_whole:
            yield from self._walk(Walk(self._scope, Buckets([]), on_page=self.on_page))
            if self.since is None:
                yield from schedule.findings(self.using, self.user_ids)
            return
        kept = list(self.checkpoints)
        wait_for([each.checkpoint.position for each in kept], using=self.using, wait=self.wait)
        vault = Vault.of(kept, using=self.using, declared=declared)
        edges = sorted({*vault.edges, *declared.edges} | ({self.settled} if self.settled is not None else set()))
        yield from self._altered()
        yield from vault.damaged
        yield from self._out_of_place()
        if self.jobs == 1 and self.resume is None:
            buckets = Buckets(edges)
            yield from self._walk(Walk(self._scope, buckets, on_page=self.on_page))
        else:
            buckets = yield from self._walk_in_parts(vault, edges)
        until = buckets.until_each(self.settled)
        declared.recount(until)
        yield from vault.findings(until, self.settled)
        yield from schedule.findings(self.using)
        yield from check_journals(self.journals, using=self.using)
        yield from rollup.findings(self.using)

    def _walk(self, walk: Walk) -> Iterator[Finding]:
        yield from walk.findings()
        self.records += walk.records
        self.accounts += walk.accounts

    def _walk_in_parts(self, vault: Vault, edges: list[int]) -> Generator[Finding, None, Buckets]:
        declarations = AuditDeclaration.objects.using(self.using).count()
        facts = {"archived": vault.archived.count, "declarations": declarations}
        parts = Parts(self._scope, edges, facts, self.jobs, self.resume)
        parts.begin()
        self.begun = parts.begun
        vault.keep(parts.edges)
        buckets = Buckets(parts.edges)
        for outcome in parts.outcomes():
            yield from outcome.findings
            buckets.merge(outcome.sums)
            self.records += outcome.records
            self.accounts += outcome.accounts
            self.on_page(outcome.records)
        return buckets

    def _altered(self) -> Iterator[Finding]:
        for message in tables.altered(self.using):
            yield Finding(Kind.DATABASE, message)
        if missing := triggers.missing(self.using):
            yield Finding(Kind.DATABASE, f"the database has missing or altered triggers: {', '.join(missing)}")

    def _out_of_place(self) -> Iterator[Finding]:
        for row in out_of_place(self.using):
            yield Finding(Kind.UNREADABLE, f"the record with key {row.id} cannot be read: {row.why}")
        floors, archives = AuditFloor.objects.using(self.using), AuditArchive.objects.using(self.using)
        if floors.exists() and not archives.exists():
            yield Finding(Kind.ARCHIVE, "records were archived, and no note says into which file")
