"""
Moves old records into an archive. They are deleted from the database once the archive is on disk and verified.

THE ORDER THAT LOSES NOTHING. The archive is written under a temporary name, flushed to disk, read back, and named. Then
each of its records is deleted if the database has the very same. In one transaction, a batch deletes its
records and notes how far each user's records are archived (`AuditFloor`), with a digest over them (`AuditArchive`). So
at any time every record is in the database or in a named archive, the notes say exactly which records are archived, and
the same call continues after an interruption.

The newest record of each user stays, however old, because the account's state must agree with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit.conf import conf
from audit.exceptions import ArchiveExists, RecordsDisagree, TooYoung
from audit.integrity import collecting
from audit.integrity.kept import archives, taking
from audit.integrity.kept.archives import Archive
from audit.integrity.signed import notes
from audit.integrity.signed.checking import check_records
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.facts import NOTHING_BEFORE, Row, Start, Unreadable
from audit.integrity.signed.notes import Illegible
from audit.integrity.signed.reading import Page, chains, pages_by_user, rows_by_key
from audit.integrity.signed.rows import Records
from audit.maintenance import declared
from audit.models import AuditArchive, AuditFloor, UserStateAudit
from audit.rollup import keeping as rollup

BATCH = 1000
"""The number of records that one transaction deletes."""


@dataclass(slots=True)
class Pruning:
    """One run: the records before a time, and their archive."""

    using: str
    before: datetime
    path: Path
    wait: timedelta
    """How long to wait for open transactions that write records."""

    on_written: Callable[[int], Any] = lambda _: None
    """Called with the number of records of each page that was read."""

    on_deleted: Callable[[int], Any] = lambda _: None
    """Called with the number of records of each batch."""

    deleted: int = 0
    """The number of records that this run has deleted."""

    def run(self) -> None:
        """
        Archive and delete, or continue with an archive of the same name and time. Without old records, do nothing.

        Raises `TooYoung` if `AUDIT_RETENTION_MINIMUM` does not allow the time, `ArchiveExists` if the file is something
        else, and `RecordsDisagree` if a record is not genuine or differs from the archive.
        """
        latest = timezone.now() - conf.retention_minimum
        if self.before > latest:
            raise TooYoung(latest)
        with collecting.seldom():
            if self.path.exists() or self.candidates().exists():
                self._archive_and_delete()

    def _archive_and_delete(self) -> None:
        archive = Archive(self.path)
        if self.path.exists():
            self._continue_with(archive)
        else:
            self._write()
        lines = archive.lines()
        while batch := dict(islice(lines, BATCH)):
            self._delete(batch)
            self.on_deleted(len(batch))

    def _continue_with(self, archive: Archive) -> None:
        if archive.before() != self.before:
            raise ArchiveExists(self.path)
        archives.discard_partial(self.path)
        for finding in archive.findings():
            raise RecordsDisagree(f"{self.path}: {finding}")

    def candidates(self) -> Records:
        """Return the records before the time, except each user's newest. Some of them may have to stay."""
        records = UserStateAudit.objects.using(self.using)
        later = records.filter(user=OuterRef("user"), sequence__gt=OuterRef("sequence"))
        return records.filter(Exists(later), datetime__lt=self.before)

    def _write(self) -> None:
        # Taken first: it covers the records to be archived, which distinguishes archived records from lost ones.
        upto = taking.take(using=self.using, wait=self.wait).last_id
        archives.write(self.path, self.before, self._going(self.candidates().filter(pk__lte=upto)))

    def _going(self, candidates: Records) -> Iterator[Row]:
        pages = self._told(pages_by_user(candidates))
        for _, start, rows in chains(pages, self._starts):
            yield from without_gap(rows, start)

    def _told(self, pages: Iterable[Page]) -> Iterator[Page]:
        for page in pages:
            yield page
            self.on_written(len(page))

    def _starts(self, user_ids: Iterable[Any]) -> Mapping[Any, Start]:
        floors = AuditFloor.objects.using(self.using).filter(user__in=user_ids)
        return {floor.user_id: floor.start for floor in notes.genuine(floors)}

    def _delete(self, batch: Mapping[int, str]) -> None:
        """Delete these records, given as lines of the archive by key, as far as they are still there."""
        with declared(f"records before {self.before:%Y-%m-%d} are in {self.path.name}", using=self.using):
            present = rows_by_key(batch, using=self.using)
            gone = [archives.row_in(line) for key, line in batch.items() if key not in present]
            going = [present[key] for key in batch if key in present]
            starts = dict(self._starts({row.facts.user_id for row in (*gone, *going)}))
            for row in gone:
                if row.facts.sequence > starts.get(row.facts.user_id, NOTHING_BEFORE).sequence:
                    raise RecordsDisagree(f"{_name(row)} is only in the archive, and no note says that it was archived")
            for row in going:
                _refuse_unless_same(row, batch[row.id], starts.get(row.facts.user_id, NOTHING_BEFORE))
                starts[row.facts.user_id] = Start(row.facts.sequence, row.facts.end_state)
            if going:
                rollup.forget(self.using)
                self._delete_rows(going)
                self._note(going)
        self.deleted += len(going)

    def _delete_rows(self, going: list[Row]) -> None:
        records = UserStateAudit._base_manager.using(self.using).filter(pk__in=[row.id for row in going])
        deleted, _ = records.delete()
        if deleted != len(going):
            raise RecordsDisagree("somebody else is deleting the same records")

    def _note(self, gone: list[Row]) -> None:
        last_of_each = {row.facts.user_id: row.facts for row in gone}
        floors = [
            AuditFloor(user_id=user_id, sequence=last.sequence, end_state=last.end_state)
            for user_id, last in last_of_each.items()
        ]
        archive, digest = self._archive(), SetDigest()
        for row in gone:
            digest.add(row.message)
        archive.digest += digest
        archive.last_id = max(archive.last_id, *(row.id for row in gone))
        for note in (archive, *floors):
            note.sign()
        archive.save(using=self.using)
        AuditFloor.objects.using(self.using).bulk_create(
            floors,
            update_conflicts=True,
            unique_fields=["user"],
            update_fields=["sequence", "end_state", "signature"],
        )

    def _archive(self) -> AuditArchive:
        noted = AuditArchive.objects.using(self.using).select_for_update().filter(name=self.path.name)
        note = next(notes.read(noted), None)
        if note is None:
            note = AuditArchive(name=self.path.name, last_id=0)
            note.digest = SetDigest()
        elif isinstance(note, Illegible) or not note.is_genuine:
            raise RecordsDisagree(f"the note of the archive {self.path.name} is not genuine")
        return note


def without_gap(rows: Iterable[Row | Unreadable], start: Start) -> Iterator[Row]:
    """
    Yield the records of a user that follow `start` without a gap. Records after a gap have to stay.

    Raises `RecordsDisagree` at a record that is not genuine or does not follow from the one before.
    """
    for row in rows:
        if isinstance(row, Unreadable):
            raise RecordsDisagree(f"record {row.sequence} of user {row.user_id} cannot be read: {row.why}")
        if row.facts.sequence != start.sequence + 1:
            return
        for finding in check_records((row,), start):
            raise RecordsDisagree(f"{_name(row)}: {finding.message}")
        yield row
        start = Start(row.facts.sequence, row.facts.end_state)


def _refuse_unless_same(row: Row, line: str, start: Start) -> None:
    # A database can give the keys of details in another order than the one in which they were written.
    if archives.line_of(row) != line and archives.row_in(line)[1:] != row[1:]:
        raise RecordsDisagree(f"{_name(row)} is not what the archive has")
    if row.facts.sequence != start.sequence + 1:
        raise RecordsDisagree(f"{_name(row)} does not follow from the archived records")


def _name(row: Row) -> str:
    return f"record {row.facts.sequence} of {row.facts.username} ({row.facts.user_id})"
