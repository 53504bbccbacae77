"""Finds users who are gone although no record says that their account was deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model

from audit.integrity.signed.checking import no_death
from audit.integrity.signed.facts import Row, Unreadable, is_of_format_1
from audit.integrity.signed.findings import Finding
from audit.integrity.signed.reading import Page
from audit.models import UserStateAudit

Last = Mapping[Any, Row | Unreadable]
"""The last records of some users."""


@dataclass(slots=True)
class Lives:
    """The users of a walk, page by page in their order. Deaths were not recorded in format 1."""

    using: str
    _open: Last = field(default_factory=dict)
    """The last record so far of the user whose records may continue on the next page."""

    def add(self, page: Page) -> Iterator[Finding]:
        """Take a page, and yield a finding for each user who is gone and whose records are complete."""
        last = {**self._open, **{row.facts.user_id: row for row in page}}
        user_id = page[-1].facts.user_id
        self._open = {user_id: last.pop(user_id)}
        yield from self._gone(last)

    def end(self) -> Iterator[Finding]:
        """Yield the finding of the last user, if there is one."""
        yield from self._gone(self._open)

    def _gone(self, last: Last) -> Iterator[Finding]:
        alive = [row for row in last.values() if isinstance(row, Row) and row.facts.end_state]
        found = get_user_model()._base_manager.using(self.using).filter(pk__in=[row.facts.user_id for row in alive])
        there = set(found.values_list("pk", flat=True))
        for row in alive:
            if row.facts.user_id not in there and not is_of_format_1(row.signature) and not self._has_died(row):
                yield no_death(row)

    def _has_died(self, row: Row) -> bool:
        """Whether there is a death by now: it is committed with the deletion, and may be younger than the page."""
        later = UserStateAudit.objects.using(self.using).filter(user_id=row.facts.user_id)
        return later.filter(sequence__gt=row.facts.sequence, end_state="").exists()
