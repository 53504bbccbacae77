"""Carries events from a table to a receiver, and moves the cursor after those that were taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from audit.integrity.kept.place import refuse_standby
from audit.models import AuditArchive, UndeliveredEvent
from audit.stream.cursors import Cursor
from audit.stream.exceptions import EverythingIsRefused
from audit.stream.formats import Format
from audit.stream.sources import CHANGES, Source, event_id
from audit.stream.targets import Event, Target
from audit.stream.watermark import Watermark

BATCH = 500
SAVE_EVERY = 5.0
"""The maximum time in seconds before delivered events are noted. After a crash, later ones are delivered again."""

MOST_REFUSALS = 10


@dataclass(slots=True)
class Stream:
    """One table on its way to one receiver."""

    source: Source
    format: Format
    target: Target
    cursor: Cursor
    say: Callable[[str], Any] = lambda _: None
    _refused_in_a_row: int = 0
    _told: set[int] = field(default_factory=set)
    _watermark: Watermark = field(init=False)

    def __post_init__(self) -> None:
        self._watermark = Watermark(self.source.model, self.cursor.using)

    def step(self) -> int:
        """
        Deliver the next events, and return their number.

        Raises the exceptions of the target, and `OnStandby`. The cursor is then after the events that the target took.
        """
        refuse_standby(self.cursor.using)  # which may not have the last row yet, and sees no writers
        self._go_back_after_a_loss()
        self._tell_what_was_archived()
        settled = self.source.finished_up_to(self._watermark.rise(), self.cursor.using)
        row = self.cursor.row
        rows = self.source.after(row.last_id, self.cursor.gaps, settled=settled, limit=BATCH, using=self.cursor.using)
        if rows:
            complete = len(rows) < BATCH
            self._deliver(rows, settled if complete else min(settled, rows[-1].pk))
        else:
            self.cursor.advance((), settled=settled)
            self.cursor.renew()
        return len(rows)

    def highest(self) -> int:
        """Return the key of the last row that is visible now."""
        last = self.source.rows(self.cursor.using).last()
        return 0 if last is None else int(last.pk)

    def refused(self) -> int:
        """Return the number of events that the receiver refused."""
        return self._undelivered().count()

    def again(self) -> int:
        """Deliver the refused events once more, and return how many of them were taken."""
        taken = 0
        for each in self._undelivered().order_by("key"):
            self.cursor.renew()
            row = self.source.rows(self.cursor.using).filter(pk=each.key).first()
            if row is None or event_id(self.source, row) != each.event_id:
                self.say(f"{each.event_id} was refused and is no longer there")
                continue
            for receipt in self.target.deliver([self._event(row)]):
                if receipt.refusal is None:
                    each.delete()
                    taken += 1
        return taken

    def _undelivered(self) -> QuerySet[UndeliveredEvent]:
        return self.cursor.row.undelivered.using(self.cursor.using)

    def _deliver(self, rows: Sequence[Any], settled: int) -> None:
        taken: list[Any] = []
        saved, whole = time.monotonic(), False
        try:
            for row, refusal in self._receipts(rows):
                taken.append(row)
                self._note_refusal(row, refusal)
                if time.monotonic() - saved > SAVE_EVERY:
                    # Rows between those that were taken may still appear, so nothing above them counts as settled.
                    self.cursor.advance(taken, settled=min(settled, row.pk))
                    taken, saved = [], time.monotonic()
            whole = True
        finally:  # also if the process is told to stop, because the events were taken
            if whole or taken:
                self.cursor.advance(taken, settled=settled if whole else min(settled, taken[-1].pk))

    def _receipts(self, rows: Sequence[Any]) -> Iterator[tuple[Any, str | None]]:
        receipts = self.target.deliver([self._event(row) for row in rows])
        for row, receipt in zip(rows, receipts, strict=True):
            yield row, receipt.refusal

    def _event(self, row: Any) -> Event:
        identity = event_id(self.source, row)
        return Event(identity, row, self.format.line(self.source.name, row, identity))

    def _note_refusal(self, row: Any, answer: str | None) -> None:
        if answer is None:
            self._refused_in_a_row = 0
            return
        identity = event_id(self.source, row)
        self.cursor.set_apart(row.pk, identity, answer)
        self.say(f"the receiver refused {identity}, which was kept apart: {answer}")
        self._refused_in_a_row += 1
        if self._refused_in_a_row >= MOST_REFUSALS:
            raise EverythingIsRefused(self._refused_in_a_row, answer)

    def _go_back_after_a_loss(self) -> None:
        """Return to the last place whose row still exists if a failover has lost the last row."""
        using, places = self.cursor.using, self.cursor.trail
        if not places[0].key or self.source.has(places[0], using) or self._is_archived(places[0].key):
            return
        found = next((place for place in places[1:] if self.source.has(place, using)), None)
        self.say(
            f"row {places[0].key} was delivered and is no longer there, as after a failover that lost it; "
            f"delivering again from {found.key if found else 'the beginning'}"
        )
        self._watermark = Watermark(self.source.model, using)
        self.cursor.go_back(found)

    def _tell_what_was_archived(self) -> None:
        """Say which archives have records that this cursor has not come to, and now will not deliver."""
        if self.source is not CHANGES:
            return
        last = self.cursor.row.last_id
        for archive in AuditArchive.objects.using(self.cursor.using).filter(last_id__gt=last).order_by("last_id"):
            if archive.pk not in self._told and archive.is_genuine:
                self._told.add(archive.pk)
                self.say(f"records after {last} are not delivered: audit_prune has moved them into {archive.name}")

    def _is_archived(self, key: int) -> bool:
        """Whether `audit_prune` may have archived the row, so that no failover has lost it."""
        if self.source is not CHANGES or self.source.rows(self.cursor.using).filter(pk=key).exists():
            return False
        archives = AuditArchive.objects.using(self.cursor.using).filter(last_id__gte=key)
        return any(archive.is_genuine for archive in archives)
