"""Compares an archive with the note in the database, because a genuine file may be another archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from audit.exceptions import ArchivedMeanwhile
from audit.integrity.kept.archives import Archive
from audit.integrity.signed import notes
from audit.integrity.signed.facts import Row
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.notes import Illegible
from audit.integrity.signed.reading import PAGE, rows_by_key
from audit.models import AuditArchive


@contextmanager
def unchanged(using: str) -> Iterator[None]:
    """Raise `ArchivedMeanwhile` at the end of this block if records were archived in it."""
    before = _noted(using)
    yield
    if _noted(using) != before:
        raise ArchivedMeanwhile


def _noted(using: str) -> set[tuple[str, str]]:
    return set(AuditArchive.objects.using(using).values_list("name", "signature"))


def check_note(archive: Archive, *, using: str) -> Iterator[Finding]:
    """Check that a complete, genuine archive, read to its end, matches the note with its name."""
    noted = [note for note in notes.read(AuditArchive.objects.using(using)) if not isinstance(note, Illegible)]
    note = next((each for each in noted if each.name == archive.path.name), None)
    if note is None:
        other = next((each.name for each in noted if each.is_genuine and each.digest == archive.digest), None)
        instead = f"it is the archive {other}" if other else "the database has no note of it"
        yield Finding(Kind.ARCHIVE, f"{archive.path} is not what its name says: {instead}")
    elif not note.is_genuine:
        yield Finding(Kind.ARCHIVE, f"{archive.path} cannot be held against its note, which {note.verdict.value}")
    elif note.digest != archive.digest and not _was_interrupted(archive, note, using=using):
        counts = f"it has {archive.digest.count} records, and {note.count} have gone into the one that was noted"
        yield Finding(Kind.ARCHIVE, f"{archive.path} is not the archive that the database has noted: {counts}")


def _was_interrupted(archive: Archive, note: AuditArchive, *, using: str) -> bool:
    """
    Whether this may be the archive of a run that has not deleted all of its records yet.

    Then the last deleted record is in it, and the others are in the database or in a later archive.
    """
    rows, has_last = Archive(archive.path).rows(), False
    while batch := list(islice(rows, PAGE)):
        has_last = has_last or any(row.id == note.last_id for row in batch)
        if not _are_accounted_for(batch, using=using):
            return False
    return has_last and note.count < archive.digest.count


def _are_accounted_for(batch: list[Row], *, using: str) -> bool:
    here = rows_by_key([row.id for row in batch], using=using)
    archived = notes.archived_until({row.facts.user_id for row in batch}, using=using)
    return all(
        here[row.id].message == row.message
        if row.id in here
        else row.facts.sequence <= archived.get(str(row.facts.user_id), -1)
        for row in batch
    )
