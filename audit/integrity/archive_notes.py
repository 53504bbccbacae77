"""An archive held against what the database has noted of it: a genuine file may still be another one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from audit.integrity.archives import Archive
from audit.integrity.digest import SetDigest
from audit.integrity.findings import Finding, Kind
from audit.integrity.reading import PAGE, rows_by_key
from audit.models import AuditArchive


def check_note(archive: Archive, *, using: str) -> Iterator[Finding]:
    """Check that a whole and genuine archive, which was read to its end, is the one that the note of its name is of."""
    notes = {note.name: note for note in AuditArchive.objects.using(using) if note.is_genuine}
    note = notes.get(archive.path.name)
    if note is None:
        other = next((each.name for each in notes.values() if each.digest == archive.digest), None)
        known = f"it is the archive {other}" if other else "the database has no genuine note of it"
        yield Finding(Kind.ARCHIVE, f"{archive.path} is not what its name says: {known}")
    elif note.digest != archive.digest and note.digest + _still_here(archive, using=using) != archive.digest:
        counts = f"{archive.digest.count} records, and {note.count} have gone into it"
        yield Finding(Kind.ARCHIVE, f"{archive.path} is not the archive that the database has noted: it has {counts}")


def _still_here(archive: Archive, *, using: str) -> SetDigest:
    """Those of its records that the database has as well, because the run that archives them was interrupted."""
    digest, rows = SetDigest(), Archive(archive.path).rows()
    while batch := list(islice(rows, PAGE)):
        here = rows_by_key([row.id for row in batch], using=using)
        for row in batch:
            if row.id in here and here[row.id].message == row.message:
                digest.add(row.message)
    return digest
