"""
Cursors. Only one process at a time moves a cursor, and never past events that the receiver has not taken.

A process holds a cursor by a lease, which it renews. Every statement names the lease, so a process that lost it cannot
move the cursor any more. A database lock would not do. It would be held while the receiver answers, and block all
writers on SQLite meanwhile; and poolers pass a connection on between transactions.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import Any, Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from audit.models import StreamCursor, UndeliveredEvent
from audit.stream import gaps
from audit.stream.exceptions import CursorIsTaken, CursorWasLost
from audit.stream.gaps import Gap
from audit.stream.sources import Place, Source, place_of
from users.input.text import storable

LEASE = timedelta(seconds=120)
LONGEST_TRAIL = 100
LONGEST_TEXT = 1000


@dataclass(slots=True)
class Cursor:
    """A cursor that this process holds."""

    using: str
    row: StreamCursor

    @classmethod
    def take(cls, source: Source, *, name: str, target: str, format: str, using: str) -> Self:  # noqa: A002 - its name
        """Take the cursor, which is made at the first use. Raises `CursorIsTaken` if another process has it."""
        cursors = StreamCursor.objects.using(using)
        row, _ = cursors.get_or_create(name=name, what=source.name)
        holder = f"{socket.gethostname()}:{os.getpid()}:{token_hex(4)}"[-200:]
        free = models.Q(held_until=None) | models.Q(held_until__lt=Now())
        taken = cursors.filter(free, pk=row.pk).update(
            held_by=holder, held_until=Now() + LEASE, target=target[:255], format=format
        )
        row.refresh_from_db(using=using)
        if not taken:
            raise CursorIsTaken(name, row.held_by, row.held_until)
        return cls(using, row)

    @property
    def gaps(self) -> list[Gap]:
        """The ranges of keys below the place that are not delivered yet."""
        return [(first, last) for first, last in self.row.gaps]

    @property
    def trail(self) -> list[Place]:
        """Earlier places and the present one, newest first."""
        places = [Place(key, fingerprint) for key, fingerprint in self.row.trail]
        return [Place(self.row.last_id, self.row.last_fingerprint), *reversed(places)]

    def renew(self) -> None:
        """Renew the lease of the cursor. Raises `CursorWasLost` if another process has it."""
        self._update()

    def release(self) -> None:
        """Let another process have the cursor at once."""
        self._held().update(held_by="", held_until=None)

    def advance(self, rows: Sequence[models.Model], *, settled: int) -> None:
        """
        Move the cursor after these rows, which were delivered in this order.

        `settled` is the key up to which no further row can appear.
        """
        row = self.row
        keys = sorted(each.pk for each in rows)
        highest = max([row.last_id, *keys])
        unseen = [*self.gaps, (row.last_id + 1, highest)]
        values: dict[str, Any] = {"gaps": gaps.above(gaps.without(unseen, keys), settled)}
        if rows:
            now = timezone.now()
            values |= {"delivered": row.delivered + len(rows), "delivered_at": now, "last_error": ""}
        if highest > row.last_id:
            last = max(rows, key=lambda each: each.pk)
            place = place_of(last)
            values |= {"last_id": place.key, "last_fingerprint": place.fingerprint, "last_datetime": last.datetime}  # type: ignore[attr-defined]
            values["trail"] = self._longer_trail()
        if rows or values["gaps"] != self.gaps:
            self._update(**values)

    def go_back(self, place: Place | None) -> None:
        """Return to an earlier place, or to the beginning. Gaps below it stay, because their rows may still come."""
        trail = [each for each in reversed(self.trail) if place is not None and each.key < place.key and each.key]
        key, fingerprint = place or Place(0, "")
        unseen = [(first, min(last, key)) for first, last in self.gaps if first <= key]
        self._update(last_id=key, last_fingerprint=fingerprint, trail=[list(each) for each in trail], gaps=unseen)

    def note_error(self, error: Exception) -> None:
        """Store the last error, which the admin shows."""
        self._update(last_error=storable(error, LONGEST_TEXT), failed_at=timezone.now())

    def set_apart(self, key: int, event_id: str, answer: str) -> None:
        """Remember an event that the receiver refused."""
        UndeliveredEvent.objects.using(self.using).update_or_create(
            cursor=self.row,
            key=key,
            defaults={"event_id": event_id, "answer": storable(answer, LONGEST_TEXT), "refused_at": timezone.now()},
        )

    def _longer_trail(self) -> list[list[Any]]:
        """The trail with the present place; of a long one every second older place is forgotten."""
        trail = [*self.row.trail]
        if self.row.last_id:
            trail.append([self.row.last_id, self.row.last_fingerprint])
        return (
            trail if len(trail) <= LONGEST_TRAIL else [*trail[: LONGEST_TRAIL // 2 : 2], *trail[LONGEST_TRAIL // 2 :]]
        )

    def _update(self, **values: Any) -> None:
        if not self._held().update(held_until=Now() + LEASE, **values):
            raise CursorWasLost(self.row.name)
        for name, value in values.items():
            setattr(self.row, name, value)

    def _held(self) -> models.QuerySet[StreamCursor]:
        return StreamCursor.objects.using(self.using).filter(pk=self.row.pk, held_by=self.row.held_by)
