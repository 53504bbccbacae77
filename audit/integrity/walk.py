"""
One walk over the records and accounts of some users, on one connection.

Both checks are correct while transitions go on. Records are only ever appended to each user's. Each account is read in
one statement with its last record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from audit.integrity.erased import Erasures
from audit.integrity.kept.buckets import Buckets
from audit.integrity.lives import Lives
from audit.integrity.signed import notes
from audit.integrity.signed.checking import check_account, check_records, missing
from audit.integrity.signed.columns import in_place
from audit.integrity.signed.facts import Facts, Row, Start, is_erased
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.notes import Illegible
from audit.integrity.signed.reading import (
    Page,
    UserRange,
    chains,
    last_before,
    pages_by_user,
    pages_of_accounts,
    within,
)
from audit.integrity.signed.rows import Records
from audit.models import AuditFloor, UserStateAudit


@dataclass(slots=True)
class Scope:
    """The records of a walk: all, those of some users, or those from some time on."""

    using: str
    user_ids: Collection[Any] | None = None
    since: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it covers all records."""
        return self.user_ids is None and self.since is None

    def records(self) -> Records:
        """Return the records."""
        records = in_place(UserStateAudit.objects.using(self.using))
        if self.user_ids is not None:
            records = records.filter(user__in=self.user_ids)
        return records if self.since is None else records.filter(datetime__gte=self.since)

    def floors(self) -> QuerySet[AuditFloor]:
        """Return the notes of how far these users' records are archived."""
        floors = AuditFloor.objects.using(self.using)
        return floors if self.user_ids is None else floors.filter(user__in=self.user_ids)


@dataclass(slots=True)
class Walk:
    """A walk over a range of users. After `findings` has ended, it has the totals."""

    scope: Scope
    buckets: Buckets
    part: UserRange = (None, None)
    on_page: Callable[[int], Any] = lambda _: None
    records: int = 0
    accounts: int = 0
    _noticed: list[Finding] = field(default_factory=list)
    _erasures: Erasures = field(init=False)
    _lives: Lives = field(init=False)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, during the walk."""
        self._erasures, self._lives = Erasures(self.scope.using), Lives(self.scope.using)
        for _, start, rows in chains(self._pages(), self._starts):
            yield from (each for each in check_records(rows, start) if not self._is_before(each))
            yield from self._told()
        yield from self._told()
        yield from self._lives.end()
        yield from self._floors_without_records()
        for page in pages_of_accounts(self.scope.using, self.scope.user_ids, self.part):
            for account in page:
                yield from check_account(account)
            self.accounts += len(page)

    def _told(self) -> Iterator[Finding]:
        """Yield the findings about anything but the records of one user."""
        yield from self._noticed
        self._noticed.clear()

    def _is_before(self, finding: Finding) -> bool:
        """Whether these missing records are there, from before the time: a clock was set back, or two disagreed."""
        if self.scope.since is None or finding.kind is not Kind.MISSING:
            return False
        first, last = json.loads(finding.item)[-2:]
        before = UserStateAudit.objects.using(self.scope.using).filter(datetime__lt=self.scope.since)
        there = before.filter(user=finding.user_id, sequence__gte=first, sequence__lte=last)
        return bool(there.count() == last - first + 1)

    def _pages(self) -> Iterator[Page]:
        for page in pages_by_user(self.scope.records().filter(**within("user_id", self.part))):
            yield page
            rows = [row for row in page if isinstance(row, Row)]
            self._noticed += (finding for row in rows if is_erased(row.facts) for finding in self._erased(row.facts))
            self._noticed += self._lives.add(page)
            self.buckets.add(rows)
            self.records += len(page)
            self.on_page(len(page))

    def _erased(self, facts: Facts) -> Iterator[Finding]:
        for message in self._erasures.problems(facts):
            yield Finding(Kind.ERASED, message, facts.user_id, facts.username, facts.sequence)

    def _starts(self, user_ids: set[Any]) -> Mapping[Any, Start]:
        starts = {}
        for floor in notes.read(AuditFloor.objects.using(self.scope.using).filter(user__in=user_ids)):
            if not isinstance(floor, Illegible) and floor.is_genuine:
                starts[floor.user_id] = floor.start
            else:
                self._noticed.append(_forged(floor))
        if self.scope.since is not None:
            starts.update(last_before(self.scope.since, user_ids, using=self.scope.using))
        return starts

    def _floors_without_records(self) -> Iterator[Finding]:
        """Report users without records after their floor: the newest record is never archived, so it is lost."""
        records = UserStateAudit.objects.using(self.scope.using).filter(user=OuterRef("user"))
        floors = self.scope.floors().filter(**within("user_id", self.part))
        for floor in notes.read(floors.filter(~Exists(records))):
            if not isinstance(floor, Illegible) and floor.is_genuine:
                yield missing(floor.user_id, "", floor.sequence + 1, floor.sequence + 1)
            else:
                yield _forged(floor)


def _forged(floor: AuditFloor | Illegible) -> Finding:
    if isinstance(floor, Illegible):
        return Finding(Kind.FLOOR, floor.message)
    message = f"the note that records until {floor.sequence} were archived {floor.verdict.value}"
    return Finding(Kind.FLOOR, message, floor.user_id, sequence=floor.sequence)
