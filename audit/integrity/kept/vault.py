"""
Kept checkpoints, all compared with the record in one walk.

WHAT IS COMPARED. Each checkpoint is compared with an earlier one that covers a part of the same records. The records
between their keys are the difference. So a loss is found between the two checkpoints around it, however many follow,
and the later ones still match. After a failover to a standby that was behind, keys are assigned again. Then a later
checkpoint covers the same or lower keys, and is compared with the newest earlier one that covers only lower keys.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from audit.exceptions import CheckpointTooOld, NotGenuine
from audit.integrity.kept.checkpoints import Checkpoint
from audit.integrity.kept.files import DAMAGED, lines
from audit.integrity.signed import notes
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.facts import Row
from audit.integrity.signed.findings import Finding, Gone, Kind
from audit.integrity.signed.notes import Illegible
from audit.models import AuditArchive, AuditCheckpoint

COMMENT = b"#"


class Kept(NamedTuple):
    """A checkpoint, and its name in findings."""

    name: str
    checkpoint: Checkpoint


@dataclass(slots=True)
class Buckets:
    """Digests of the records between the keys at which checkpoints end."""

    edges: list[int]
    sums: dict[int, SetDigest] = field(default_factory=dict)
    """Digests by the number of the edge above the records. Records after the last edge are not counted."""

    def add(self, rows: Iterable[Row]) -> None:
        """Count these records."""
        edges, sums = self.edges, self.sums
        for row in rows:
            number = bisect_left(edges, row.id)
            if number < len(edges):
                if number not in sums:
                    sums[number] = SetDigest()
                sums[number].add(row.message)

    def merge(self, sums: Mapping[int, SetDigest]) -> None:
        """Add digests from elsewhere with the same edges."""
        for number, found in sums.items():
            self.sums[number] = self.sums.get(number, SetDigest()) + found

    def until_each(self) -> dict[int, SetDigest]:
        """Return the digest of all records up to each edge."""
        found, until = SetDigest(), {0: SetDigest()}
        for number, edge in enumerate(self.edges):
            found += self.sums.get(number, SetDigest())
            until[edge] = found
        return until


@dataclass(slots=True)
class Vault:
    """All checkpoints that one walk compares."""

    kept: list[Kept] = field(default_factory=list)
    archived: SetDigest = field(default_factory=SetDigest)
    """The digest of archived records, which all of these checkpoints cover."""

    damaged: list[Finding] = field(default_factory=list)
    """Findings about the checkpoints and notes themselves."""

    @classmethod
    def of(cls, kept: Iterable[Kept], *, using: str) -> Vault:
        """
        Collect these checkpoints and the newest one in the database, without those older than archived records.

        Raises `CheckpointTooOld` if none from elsewhere is left.
        """
        vault = cls()
        elsewhere = list(kept)
        lines = {each.checkpoint: each for each in (*vault._own(using), *elsewhere)}.values()
        oldest, archive = vault._count_archives(using)
        ordered = sorted(lines, key=lambda each: (each.checkpoint.made_at, each.checkpoint.last_id))
        vault.kept = [each for each in ordered if each.checkpoint.last_id >= oldest]
        if elsewhere and not any(each.checkpoint.last_id >= oldest for each in elsewhere):
            raise CheckpointTooOld(elsewhere[-1].name, archive)
        return vault

    @property
    def edges(self) -> list[int]:
        """Return the keys at which checkpoints end, in order."""
        return sorted({each.checkpoint.last_id for each in self.kept})

    def keep(self, edges: Collection[int]) -> None:
        """Leave out checkpoints that end elsewhere: an interrupted walk does not know those taken since it began."""
        self.kept = [each for each in self.kept if each.checkpoint.last_id in edges]

    def findings(self, buckets: Buckets) -> Iterator[Finding]:
        """Compare each checkpoint with the records found."""
        until = buckets.until_each()
        chain: list[Kept] = []
        for kept in self.kept:
            upto = kept.checkpoint.last_id
            while chain and chain[-1].checkpoint.last_id >= upto:
                chain.pop()
            if chain:
                before = chain[-1].checkpoint
                was, found = kept.checkpoint.covered - before.covered, until[upto] - until[before.last_id]
                after = before.last_id
            else:
                was, found, after = kept.checkpoint.covered, until[upto] + self.archived, 0
            chain.append(kept)
            if was != found:
                yield _difference(kept, after, was, found)

    def _own(self, using: str) -> Iterator[Kept]:
        """Yield the newest checkpoint in the database, if it is genuine."""
        for newest in notes.read(AuditCheckpoint.objects.using(using).order_by("-pk")[:1]):
            if isinstance(newest, Illegible):
                self.damaged.append(Finding(Kind.CHECKPOINT, newest.message))
            elif newest.is_genuine:
                yield Kept("in the database", Checkpoint.of(newest))
            else:
                message = f"the checkpoint {newest.pk} in the database is not genuine"
                self.damaged.append(Finding(Kind.CHECKPOINT, message))

    def _count_archives(self, using: str) -> tuple[int, str]:
        oldest, name = 0, ""
        for archive in notes.read(AuditArchive.objects.using(using)):
            if isinstance(archive, Illegible):
                self.damaged.append(Finding(Kind.ARCHIVE, archive.message))
            elif not archive.is_genuine:
                message = f"the note of what went into the archive {archive} is not genuine"
                self.damaged.append(Finding(Kind.ARCHIVE, message))
            else:
                self.archived += archive.digest
                if archive.last_id > oldest:
                    oldest, name = archive.last_id, archive.name
        return oldest, name


def read(path: Path) -> tuple[list[Kept], list[Finding]]:
    """
    Read a file of checkpoints, one per line. A line that is not one is a finding, unless it begins with `#`.

    Raises `NotGenuine` if no line is a genuine checkpoint.
    """
    kept, damaged = [], []
    try:
        for line in lines(path):
            name = f"{path}, line {line.number},"
            try:
                if not line.text.startswith(COMMENT):
                    kept.append(Kept(name, Checkpoint.from_json(line.text)))
            except NotGenuine as error:
                damaged.append(Finding(Kind.CHECKPOINT, f"{name} cannot be used: {error}"))
    except DAMAGED as error:
        damaged.append(Finding(Kind.CHECKPOINT, f"{path} is damaged: {error}"))
    if not kept:
        raise NotGenuine(damaged[0].message if damaged else f"{path} contains no checkpoint")
    return kept, damaged


def read_all(paths: Iterable[Path | str]) -> tuple[list[Kept], list[Finding]]:
    """Read several files of checkpoints."""
    kept: list[Kept] = []
    damaged: list[Finding] = []
    for path in paths:
        more, wrong = read(Path(path))
        kept += more
        damaged += wrong
    return kept, damaged


def _difference(kept: Kept, after: int, was: SetDigest, found: SetDigest) -> Finding:
    upto = kept.checkpoint.last_id
    whose = f"the checkpoint {kept.name} of {kept.checkpoint.made_at:%Y-%m-%d %H:%M:%S %Z}"
    between = f" with keys from {after + 1} to {upto}" if after else ""
    if was.count != found.count:
        message = f"{whose} covers {was.count} records{between}, and there are {found.count} of them"
    else:
        message = f"the {was.count} records{between} are not those that {whose} covers"
    return Finding(Kind.CHECKPOINT, message, gone=Gone(after, upto, was - found))
