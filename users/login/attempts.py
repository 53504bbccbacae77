"""
Rate limits: a number of attempts under a key within a window.

SLOTS. Each attempt takes one slot, and the limit is the number of slots. A slot is free again once the window since it
was taken has passed. The key's row is locked meanwhile, so the limit is exact, however many attempts arrive at once and
however many workers there are.

The table is bounded. Rows whose window has passed are deleted, and so are the oldest ones beyond `MOST_KEYS`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from django.db import router, transaction
from django.db.models import Exists, FloatField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from users.database.compiled_updates import Parameter
from users.database.local_time import in_utc
from users.models import RecentAttempts

MOST_KEYS = 100_000
"""The maximum number of rows, about 50 MB if all are full."""

TIDY_EVERY = 500
"""The number of new keys after which the table is tidied."""

MOST_DELETED = 10 * TIDY_EVERY
"""How many rows one tidying deletes."""

KEPT = timedelta(days=2)
"""How long an unused row is kept, at least."""


def take(key: str, *, limit: int, window: timedelta) -> int | None:
    """Take a slot and return None, or return the seconds until one is free."""
    now = timezone.now()
    with transaction.atomic(using=_database()):
        row, is_new = _rows().select_for_update().get_or_create(key=key, defaults={"last": now})
        counted = _recent(row.moments, window, limit)
        if len(counted) >= limit:
            return _until_free(counted, window)
        row.moments, row.last = [*counted, now.timestamp()], now
        row.save(update_fields=["moments", "last"])
    if is_new and row.pk % TIDY_EVERY == 0:
        tidy(now, kept=max(KEPT, window))
    return None


def wait(key: str, *, limit: int, window: timedelta) -> int | None:
    """Return the seconds until a slot is free, or None if there is one now."""
    moments = _rows().filter(key=key).values_list("moments", flat=True).first() or []
    counted = _recent(moments, window, limit)
    return _until_free(counted, window) if len(counted) >= limit else None


class Place(NamedTuple):
    """The slots of a key, as a prepared statement on the same database asks for them."""

    key: str
    limit: int
    window: timedelta

    @property
    def database(self) -> str:
        """The alias of the database in which they are counted."""
        return _database()

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of `are_full`."""
        return {"key": self.key, "window_began": (timezone.now() - self.window).timestamp()}


def are_full(limit: int) -> Exists:
    """
    Return the condition that no slot of a `Place` with this limit is free.

    After the limit was lowered, it holds from the next attempt on.
    """
    began = Parameter("window_began", FloatField())
    counts = [GreaterThan(Cast(KeyTextTransform(each, "moments"), FloatField()), began) for each in {0, limit - 1}]
    return Exists(_rows().filter(*counts, key=Parameter("key", RecentAttempts._meta.get_field("key"))))


def forget(key: str) -> None:
    """Free all slots of this key."""
    _rows().filter(key=key).delete()


def tidy(now: datetime, *, kept: timedelta = KEPT) -> None:
    """Delete rows that no window needs any more, and the oldest ones beyond the maximum."""
    newest = _rows().order_by("-last", "-pk").values_list("pk", flat=True)
    _delete(_rows().filter(last__lt=now - kept))
    _delete(_rows().filter(pk__in=list(newest[MOST_KEYS : MOST_KEYS + MOST_DELETED])))


def _delete(rows: QuerySet[RecentAttempts]) -> None:
    with transaction.atomic(using=_database()):
        # Skips rows in which somebody counts at this moment, so that tidying and counting never wait for each other.
        free = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)
        _rows().filter(pk__in=list(free[:MOST_DELETED])).delete()


def _recent(moments: list[float], window: timedelta, limit: int) -> list[float]:
    # A lowered limit leaves more attempts than slots. The newest ones count.
    begin = (timezone.now() - window).timestamp()
    return [moment for moment in moments if moment > begin][-limit:]


def _until_free(counted: list[float], window: timedelta) -> int:
    left = counted[0] + window.total_seconds() - in_utc(timezone.now()).timestamp()
    return max(1, ceil(left))


def _rows() -> QuerySet[RecentAttempts]:
    return RecentAttempts.objects.using(_database())


def _database() -> str:
    return router.db_for_write(RecentAttempts)
