"""Kept checkpoints, all compared with the record in one walk; `audit.integrity.kept.comparing` says how."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audit.exceptions import CheckpointTooOld, NotGenuine
from audit.integrity.kept.checkpoints import Checkpoint
from audit.integrity.kept.comparing import Kept, differences
from audit.integrity.kept.declared import Declared
from audit.integrity.kept.files import DAMAGED, lines
from audit.integrity.signed import notes
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.notes import Illegible
from audit.models import AuditArchive, AuditCheckpoint

COMMENT = b"#"


@dataclass(slots=True)
class Vault:
    """All checkpoints that one walk compares."""

    kept: list[Kept] = field(default_factory=list)
    archived: SetDigest = field(default_factory=SetDigest)
    """The digest of archived records, which all of these checkpoints cover."""

    damaged: list[Finding] = field(default_factory=list)
    """Findings about the checkpoints and notes themselves."""

    @classmethod
    def of(cls, kept: Iterable[Kept], *, using: str, declared: Declared) -> Vault:
        """
        Collect these checkpoints and the newest one in the database, without those older than archived records.

        Raises `CheckpointTooOld` if none from elsewhere is left.
        """
        vault = cls()
        elsewhere = list(kept)
        distinct = {each.checkpoint: each for each in (*vault._own(using), *elsewhere)}.values()
        oldest, archive = vault._count_archives(using)
        ordered = sorted(distinct, key=lambda each: (each.checkpoint.made_at, each.checkpoint.last_id))
        vault.kept = [
            each
            for each in ordered
            if each.checkpoint.last_id >= oldest and not declared.covered_lost(each.checkpoint, oldest)
        ]
        if elsewhere and not set(elsewhere) & set(vault.kept):
            raise CheckpointTooOld(elsewhere[-1].name, archive)
        return vault

    @property
    def edges(self) -> list[int]:
        """Return the keys at which checkpoints end, in order."""
        return sorted({each.checkpoint.last_id for each in self.kept})

    def keep(self, edges: Collection[int]) -> None:
        """Leave out checkpoints that end elsewhere: an interrupted walk does not know those taken since it began."""
        self.kept = [each for each in self.kept if each.checkpoint.last_id in edges]

    def findings(self, until: Mapping[int, SetDigest], last: int | None = None) -> Iterator[Finding]:
        """Compare each checkpoint with the records found up to each edge. `last` is the highest key, if it is known."""
        for each in differences(self.kept, until, self.archived):
            yield each.finding(last)

    def _own(self, using: str) -> Iterator[Kept]:
        """Yield the newest checkpoint in the database, if it is genuine."""
        for newest in notes.read(AuditCheckpoint.objects.using(using).order_by("-pk")[:1]):
            if isinstance(newest, Illegible):
                self.damaged.append(Finding(Kind.CHECKPOINT, newest.message))
            elif newest.is_genuine:
                yield Kept("in the database", Checkpoint.of(newest))
            else:
                message = f"the checkpoint {newest.pk} in the database {newest.verdict.value}"
                self.damaged.append(Finding(Kind.CHECKPOINT, message))

    def _count_archives(self, using: str) -> tuple[int, str]:
        oldest, name = 0, ""
        for archive in notes.read(AuditArchive.objects.using(using)):
            if isinstance(archive, Illegible):
                self.damaged.append(Finding(Kind.ARCHIVE, archive.message))
            elif not archive.is_genuine:
                message = f"the note of what went into the archive {archive} {archive.verdict.value}"
                self.damaged.append(Finding(Kind.ARCHIVE, message))
            else:
                self.archived += archive.digest
                if archive.last_id > oldest:
                    oldest, name = archive.last_id, archive.name
        return oldest, name


def read(path: Path) -> tuple[list[Kept], list[Finding]]:
    """
    Read a file of checkpoints, one per line. A line that is not one is a finding.

    It is none if it begins with `#`, or if it is the last one and without its end: that was copied while being written.

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
                if line.is_whole:
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
