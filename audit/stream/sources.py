"""The tables that can be streamed: rows are only ever added to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any, NamedTuple

from django.db import connections, models

from audit.models import RecordRead, RefusedTransition, SchedulingNote, UserStateAudit
from audit.recording import reads
from audit.stream.gaps import MOST, Gap


class Place(NamedTuple):
    """A row, identified by its key and its fingerprint."""

    key: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Source:
    """A table that is streamed."""

    name: str
    model: type[models.Model]
    unfinished: Callable[[], models.Q] | None = None
    """Selects rows that are written again soon. They are delivered when they are finished."""

    def rows(self, using: str) -> models.QuerySet[Any]:
        """Return the rows in order of key."""
        return self.model._base_manager.using(using).order_by("pk")

    def after(self, last: int, gaps: Sequence[Gap], *, settled: int, limit: int, using: str) -> list[Any]:
        """
        Return the rows after this key and those that have appeared in the gaps, in order of key.

        One statement reads them, so they are of one moment. If a later change of an account is among them, the earlier
        one is too, because it was committed first.
        """
        rows = self.model._base_manager.using(using)
        if self.unfinished is not None:
            rows = rows.exclude(self.unfinished())
        following = rows.filter(pk__gt=last)
        if len(gaps) >= MOST:
            following = following.filter(pk__lte=settled)
        if not gaps:
            return list(following.order_by("pk")[:limit])
        if not connections[using].features.supports_slicing_ordering_in_compound:  # SQLite, where gaps are rare
            in_gaps = reduce(or_, (models.Q(pk__range=gap) for gap in gaps))
            return list(rows.filter(models.Q(pk__gt=last) | in_gaps).order_by("pk")[:limit])
        parts = [rows.filter(pk__range=gap).order_by("pk")[:limit] for gap in gaps]
        return list(following.order_by("pk")[:limit].union(*parts, all=True).order_by("pk")[:limit])

    def finished_up_to(self, settled: int, using: str) -> int:
        """Return the key up to which no row can appear or be written again."""
        if self.unfinished is None:
            return settled
        first = self.rows(using).filter(self.unfinished()).values_list("pk", flat=True).first()
        return settled if first is None else min(settled, first - 1)

    def has(self, place: Place, using: str) -> bool:
        """Whether exactly this row exists."""
        row = self.rows(using).filter(pk=place.key).first()
        return row is not None and place_of(row) == place


CHANGES = Source("changes", UserStateAudit)

REFUSALS = Source("refusals", RefusedTransition)
READS = Source("reads", RecordRead, reads.in_progress)
SCHEDULED = Source("scheduled", SchedulingNote)

SOURCES = {source.name: source for source in (CHANGES, REFUSALS, READS, SCHEDULED)}


def place_of(row: Any) -> Place:
    """Return the place of a row. One without a signature is identified by columns that no erasure changes."""
    fingerprint = getattr(row, "signature", "")
    if not fingerprint:
        moment = "" if row.datetime is None else row.datetime.isoformat()
        facts = f"{moment} {row.actor_kind} {row.actor_id} {row.request_id}"
        fingerprint = sha256(facts.encode()).hexdigest()
    return Place(row.pk, fingerprint)


def event_id(source: Source, row: Any) -> str:
    """
    Return the id of an event, the same at each delivery.

    It does not consist of the key alone: after a failover that lost rows, other rows can get their keys.
    """
    place = place_of(row)
    return f"{source.name}-{place.key}-{sha256(place.fingerprint.encode()).hexdigest()[:12]}"
