"""Takes checkpoints: reads the records since the last one, or all records to compare kept checkpoints first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from audit.exceptions import CheckpointBroken, NotGenuine, RecordUnreadable
from audit.integrity.kept.buckets import Buckets
from audit.integrity.kept.comparing import Kept
from audit.integrity.kept.declared import Declared
from audit.integrity.kept.place import here
from audit.integrity.kept.settled import last_settled_key
from audit.integrity.kept.vault import Vault
from audit.integrity.signed import notes
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.facts import Row, Unreadable
from audit.integrity.signed.notes import Illegible
from audit.integrity.signed.reading import pages_by_key
from audit.models import AuditArchive, AuditCheckpoint, AuditDeclaration, UserStateAudit
from users.lifecycle import whole_milliseconds

OnPage = Callable[[int], Any]


def take(
    *, using: str, wait: timedelta, after: Sequence[Kept] = (), on_page: OnPage = lambda _: None
) -> AuditCheckpoint:
    """
    Take a checkpoint, store it and return it.

    `wait` is the time to wait for open transactions. `after` are checkpoints from elsewhere that must match, for which
    all records are read. `on_page` is called with the number of records of each page. Raises `StillOpen` if
    transactions take longer, `NotGenuine` if the last checkpoint in the database was altered, `CheckpointBroken` if a
    kept one does not match, `OnStandby` on a standby, and `RecordUnreadable` if a record cannot be read.
    """
    upto, position = last_settled_key(using=using, wait=wait), here(using).position
    if after:
        covered, last_id = _held(after, upto, using=using, on_page=on_page), upto
    else:
        covered, last_id = _base(using)
        for page in _pages(last_id, upto, using=using, on_page=on_page):
            for row in page:
                covered.add(row.message)
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
        raise NotGenuine(f"the checkpoint {before.pk} in the database is not genuine")
    return before.digest, before.last_id


def _was_declared_since(checkpoint: AuditCheckpoint, using: str) -> bool:
    """Whether a loss was declared since this checkpoint, so that it no longer matches the record."""
    losses = AuditDeclaration.objects.using(using).filter(subject=AuditDeclaration.Subject.LOSS)
    return any(checkpoint.made_at is None or each.made_at >= checkpoint.made_at for each in notes.genuine(losses))


def _held(after: Sequence[Kept], upto: int, *, using: str, on_page: OnPage) -> SetDigest:
    """Return the digest up to this key; raise `CheckpointBroken` if a kept checkpoint does not match."""
    declared = Declared.read(using)
    vault = Vault.of(after, using=using, declared=declared)
    buckets = Buckets(sorted({*vault.edges, *declared.edges, upto}))
    for page in _pages(0, upto, using=using, on_page=on_page):
        buckets.add(page)
    until = buckets.until_each()
    declared.recount(until)
    findings = [*vault.damaged, *declared.explain(vault.findings(until))]
    if broken := [each for each in findings if not each.declared]:
        raise CheckpointBroken(broken)
    return until[upto] + vault.archived


def _pages(after: int, upto: int, *, using: str, on_page: OnPage) -> Iterator[list[Row]]:
    for page in pages_by_key(UserStateAudit.objects.using(using).filter(pk__gt=after, pk__lte=upto)):
        rows = [row for row in page if isinstance(row, Row)]
        for row in page:
            if isinstance(row, Unreadable):
                raise RecordUnreadable(f"the record with key {row.id} cannot be read: {row.why}")
        yield rows
        on_page(len(page))
