"""
Limits of what may be tried in a length of time: so many attempts under a key, and then it has to wait.

THE PLACES. Each attempt takes one of as many places as the limit has; a place is free again when the window since it
was taken has passed. The row of the key is locked while one is taken, so the limit is exact, however many arrive at
once, with one worker or many.

The table is bounded: rows whose window has passed are deleted, and so are the oldest of more than `MOST_KEYS`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil

from django.db import router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from users.models import RecentAttempts

MOST_KEYS = 100_000
"""Rows that are kept; about 50 MB where each is full."""

TIDY_EVERY = 500
"""After how many new keys the table is tidied."""

KEPT = timedelta(days=2)
"""How long a row that is not asked for is kept; no window is longer."""


def take(key: str, *, limit: int, window: timedelta) -> int | None:
    """Take a place and return None, or return in how many seconds one will be free."""
    now = timezone.now()
    with transaction.atomic(using=_database()):
        row, is_new = _rows().select_for_update().get_or_create(key=key, defaults={"last": now})
        counted = _recent(row.moments, window, limit)
        if len(counted) >= limit:
            return _until_free(counted, window)
        row.moments, row.last = [*counted, now.timestamp()], now
        row.save(update_fields=["moments", "last"])
        if is_new and row.pk % TIDY_EVERY == 0:
            tidy(now)
    return None


def wait(key: str, *, limit: int, window: timedelta) -> int | None:
    """In how many seconds a place will be free; None: there is one now."""
    moments = _rows().filter(key=key).values_list("moments", flat=True).first() or []
    counted = _recent(moments, window, limit)
    return _until_free(counted, window) if len(counted) >= limit else None


def forget(key: str) -> None:
    """Free all places of this key."""
    _rows().filter(key=key).delete()


def tidy(now: datetime) -> None:
    """Delete what no window needs any more, and the oldest of what is too much."""
    _rows().filter(last__lt=now - KEPT).delete()
    newest = _rows().order_by("-last", "-pk").values_list("pk", flat=True)
    _rows().filter(pk__in=list(newest[MOST_KEYS : MOST_KEYS + 2 * TIDY_EVERY])).delete()


def _recent(moments: list[float], window: timedelta, limit: int) -> list[float]:
    # A limit that was lowered leaves more moments than places: the newest count.
    begin = (timezone.now() - window).timestamp()
    return [moment for moment in moments if moment > begin][-limit:]


def _until_free(counted: list[float], window: timedelta) -> int:
    free = datetime.fromtimestamp(counted[0], UTC) + window
    return max(1, ceil((free - timezone.now()).total_seconds()))


def _rows() -> QuerySet[RecentAttempts]:
    return RecentAttempts.objects.using(_database())


def _database() -> str:
    return router.db_for_write(RecentAttempts)
