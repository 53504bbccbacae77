"""Takes checkpoints: reads the records since the last one, or all records to compare kept checkpoints first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from audit.exceptions import CheckpointBroken, NotGenuine, RecordUnreadable
from audit.integrity.kept.buckets import Buckets
from audit.integrity.kept.comparing import Kept
from audit.integrity.kept.declared import Declared
from audit.integrity.kept.place import here
from audit.integrity.kept.settled import last_settled_key
from audit.integrity.kept.vault import Vault
from audit.integrity.processes import spread
from audit.integrity.signed import notes
from audit.integrity.signed.checking import unreadable
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.facts import Row, Unreadable
from audit.integrity.signed.notes import Illegible
from audit.integrity.signed.reading import pages_by_key
from audit.models import AuditArchive, AuditCheckpoint, AuditDeclaration, UserStateAudit
from users.lifecycle import whole_milliseconds

OnPage = Callable[[int], Any]
Count = Callable[[int, list[int]], Buckets]

KEYS = 20_000
"""The number of keys of a part: few enough to show progress and to keep all processes busy."""

MOST_PARTS = 1024
"""However far apart keys are: somebody may have let them jump."""


def take(
    *, using: str, wait: timedelta, after: Sequence[Kept] = (), jobs: int = 1, on_page: OnPage = lambda _: None
) -> AuditCheckpoint:
    """
    Take a checkpoint, store it and return it.

    `wait` is the time to wait for open transactions. `after` are checkpoints from elsewhere that must match, for which
    all records are read. `jobs` is the number of processes that read. `on_page` is called with the number of records of
    each part. Raises `StillOpen` if transactions take longer, `NotGenuine` if the last checkpoint in the database was
    altered, `CheckpointBroken` if a kept one does not match, `OnStandby` on a standby, `RecordUnreadable` if a record
    cannot be read and is not declared lost, and `ProcessKilled` if one of the processes is killed.
    """
    upto, position = last_settled_key(using=using, wait=wait), here(using).position
    count = partial(_counted, upto, using=using, jobs=jobs, on_page=on_page)
    if after:
        covered, last_id = _held(after, upto, count, using=using), upto
    else:
        covered, last_id = _base(using)
        covered += count(last_id, [upto]).until_each()[upto]
    made_at = whole_milliseconds(timezone.now())
    checkpoint = AuditCheckpoint(made_at=made_at, last_id=max(upto, last_id), position=position)
    checkpoint.digest = covered
    checkpoint.sign()
    checkpoint.save(using=using)
    return checkpoint


def _base(using: str) -> tuple[SetDigest, int]:
    """Return what the last checkpoint in the database covers, or nothing if a loss was declared since."""
    before = next(notes.read(AuditCheckpoint.objects.using(using).order_by("-pk")[:1]), None)
    if isinstance(before, Illegible):
        raise NotGenuine(before.message)
    if before is None or _was_declared_since(before, using):
        archives = notes.genuine(AuditArchive.objects.using(using))
        return sum((archive.digest for archive in archives), SetDigest()), 0
    if not before.is_genuine:
        raise NotGenuine(f"the checkpoint {before.pk} in the database {before.verdict.value}")
    return before.digest, before.last_id


def _was_declared_since(checkpoint: AuditCheckpoint, using: str) -> bool:
    """Whether a loss was declared since this checkpoint, so that it no longer matches the record."""
    losses = AuditDeclaration.objects.using(using).filter(subject=AuditDeclaration.Subject.LOSS)
    return any(checkpoint.made_at is None or each.made_at >= checkpoint.made_at for each in notes.genuine(losses))


def _held(after: Sequence[Kept], upto: int, count: Count, *, using: str) -> SetDigest:
    """Return the digest up to this key; raise `CheckpointBroken` if a kept checkpoint does not match."""
    declared = Declared.read(using)
    vault = Vault.of(after, using=using, declared=declared)
    until = count(0, sorted({*vault.edges, *declared.edges, upto})).until_each()
    declared.recount(until)
    findings = [*vault.damaged, *declared.explain(vault.findings(until))]
    if broken := [each for each in findings if not each.declared]:
        raise CheckpointBroken(broken)
    return until[upto] + vault.archived


def _counted(upto: int, after: int, edges: list[int], *, using: str, jobs: int, on_page: OnPage) -> Buckets:
    """Return the sums of the records with keys behind `after` up to `upto`, between these edges."""
    buckets = Buckets(edges)
    size = max(KEYS, (upto - after) // MOST_PARTS + 1)
    parts = [(behind, min(behind + size, upto)) for behind in range(after, upto, size)]
    for part in spread(partial(_count_part, edges, using), parts, jobs=jobs):
        buckets.merge(part.sums)
        on_page(sum(found.count for found in part.sums.values()))
    return buckets


def _count_part(edges: list[int], using: str, part: tuple[int, int]) -> Buckets:
    after, upto = part
    buckets = Buckets(edges)
    for page in pages_by_key(UserStateAudit.objects.using(using).filter(pk__gt=after, pk__lte=upto)):
        if damaged := [row for row in page if isinstance(row, Unreadable)]:
            _refuse_undeclared(damaged, using)
        buckets.add(row for row in page if isinstance(row, Row))
    return buckets


def _refuse_undeclared(damaged: Sequence[Unreadable], using: str) -> None:
    """Raise `RecordUnreadable` unless these were declared lost. Then they count as gone, as in a verification."""
    findings = Declared.read(using).explain(map(unreadable, damaged))
    for row, finding in zip(damaged, findings, strict=True):
        if not finding.declared:
            raise RecordUnreadable(f"the record with key {row.id} cannot be read: {row.why}")
