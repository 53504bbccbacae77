"""
Declarations about the record, and the findings that they explain.

A declaration explains exactly what it lists. A loss that grows is a finding again. Declaring needs the signing key, and
every verification lists what is declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self

from django.db import transaction
from django.utils import timezone

from audit.exceptions import NothingLost
from audit.integrity.kept.checkpoints import Checkpoint
from audit.integrity.signed import notes
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.findings import Finding, Gone, Kind
from audit.integrity.signed.notes import Illegible
from audit.models import AuditDeclaration
from users.input.text import storable
from users.lifecycle import whole_milliseconds

NAME_LENGTH = 255
LOSS, CLOCK = AuditDeclaration.Subject.LOSS, AuditDeclaration.Subject.CLOCK


class Loss(NamedTuple):
    """Lost records that a checkpoint covers, as they were declared."""

    gone: Gone
    reason: str
    declared_at: datetime


@dataclass(slots=True)
class Declared:
    """All genuine declarations in a database."""

    losses: dict[str, str] = field(default_factory=dict)
    """The reason by lost item."""

    gone: dict[str, Loss] = field(default_factory=dict)
    """The sets of lost records that a checkpoint covers, by item."""

    clocks: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    damaged: list[Finding] = field(default_factory=list)
    """Declarations that are not genuine. They explain nothing."""

    @classmethod
    def read(cls, using: str) -> Self:
        """Read the declarations in this database."""
        declared = cls()
        for each in notes.read(AuditDeclaration.objects.using(using).order_by("pk")):
            if isinstance(each, Illegible):
                declared.damaged.append(Finding(Kind.DECLARATION, each.message))
            elif each.is_genuine:
                declared._take(each)
            else:
                message = f"the declaration {each.pk} ({each}) {each.verdict.value}"
                declared.damaged.append(Finding(Kind.DECLARATION, message))
        return declared

    @property
    def edges(self) -> set[int]:
        """The keys between which records have keys that were given to lost ones before."""
        again = (each.gone for each in self.gone.values() if each.gone.until < each.gone.upto)
        return {edge for gone in again for edge in (max(gone.after, gone.until), gone.upto)}

    def covered_lost(self, checkpoint: Checkpoint, archived: int) -> bool:
        """Whether this checkpoint covered lost records, and records up to the key `archived` include new ones."""
        return any(
            gone.upto == checkpoint.last_id and gone.until < min(gone.upto, archived) and checkpoint.made_at <= at
            for gone, _, at in self.gone.values()
        )

    def recount(self, until: Mapping[int, SetDigest]) -> None:
        """Take new records with the keys of lost ones into account, given the records up to each edge."""
        for item, loss in self.gone.items():
            gone = loss.gone
            if gone.until < gone.upto:
                new = until[gone.upto] - until[max(gone.after, gone.until)]
                self.gone[item] = loss._replace(gone=gone._replace(difference=gone.difference - new))

    def explain(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield the findings, with `declared` set on those that a declaration explains."""
        for finding in findings:
            reason = self._reason(finding)
            yield replace(finding, declared=reason) if reason else finding

    def _take(self, declaration: AuditDeclaration) -> None:
        reason = str(declaration)
        if declaration.start and declaration.end:
            self.clocks.append((declaration.start, declaration.end, reason))
        for item in declaration.items:
            if gone := Gone.from_item(item):
                self.gone[item] = Loss(gone, reason, declaration.made_at)
            else:
                self.losses[item] = reason

    def _reason(self, finding: Finding) -> str:
        if finding.gone:
            return self._reason_of(finding.gone)
        if finding.moments:
            within = (why for start, end, why in self.clocks if any(start <= each <= end for each in finding.moments))
            return next(within, "")
        return self.losses.get(finding.item, "") if finding.item else ""

    def _reason_of(self, gone: Gone) -> str:
        """
        Return why this difference is declared.

        It is one declared loss, or the sum of those between the same keys, where fewer checkpoints are compared than
        when they were declared. After two restores of a backup there are two losses between the same keys.
        """
        within = [loss for loss in self.gone.values() if gone.after <= loss.gone.after and loss.gone.upto <= gone.upto]
        for some in (*([loss] for loss in within), within):
            if sum((loss.gone.difference for loss in some), SetDigest()) == gone.difference:
                return "; ".join(dict.fromkeys(loss.reason for loss in some))
        return ""


def losses(findings: Iterable[Finding]) -> list[Finding]:
    """Return the losses among these findings that are not declared yet. Raises `NothingLost` if there are none."""
    lost = [each for each in findings if each.is_loss and not each.declared]
    if not lost:
        raise NothingLost("nothing was found that could be declared as lost")
    return lost


def declare_loss(lost: Iterable[Finding], *, reason: str, by: str, using: str) -> AuditDeclaration:
    """Declare exactly these losses."""
    items = [each.gone.to_item() if each.gone else each.item for each in lost]
    return _declare(AuditDeclaration(subject=LOSS, items=items), by, reason, using=using)


def declare_disturbance(start: datetime, end: datetime, *, reason: str, by: str, using: str) -> AuditDeclaration:
    """Declare that a clock ran wrong between these times."""
    start, end = whole_milliseconds(start), whole_milliseconds(end)
    return _declare(AuditDeclaration(subject=CLOCK, start=start, end=end), by, reason, using=using)


def _declare(declaration: AuditDeclaration, by: str, reason: str, *, using: str) -> AuditDeclaration:
    declaration.made_at = whole_milliseconds(timezone.now())
    declaration.declared_by, declaration.reason = storable(by, NAME_LENGTH), storable(reason)
    declaration.sign()
    with transaction.atomic(using=using):
        declaration.save(using=using)
    return declaration
