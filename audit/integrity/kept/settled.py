"""
Finds the key up to which the record is complete.

PostgreSQL assigns a key when a row is inserted, but shows the row when its transaction commits. A lower key can
therefore appear after a higher one, until the slowest writer is done. A writer holds a lock on the table from before
its first key until the end of its transaction. So: read the highest visible key, then wait until all current holders of
that lock have ended. Keys are assigned in order, so a lower key that is still to come belongs to one of them. Nobody is
blocked, and no privilege is needed.

A prepared transaction (two-phase commit) keeps the lock without a process, under another virtual id than before.

SQLite has one writer at a time, so keys appear in order.
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

from django.db import NotSupportedError, connections, models
from django.db.models import Max

from audit.exceptions import StillOpen
from audit.integrity.kept.place import refuse_standby
from audit.models import UserStateAudit

Writers = set[tuple[str, int | None]]
"""Open transactions: their virtual ids and processes. A prepared one has no process."""

pause = partial(time.sleep, 0.05)
"""The pause between two checks for open transactions."""

WRITERS = """
SELECT virtualtransaction, pid FROM pg_locks
WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid IS DISTINCT FROM pg_backend_pid()
"""


def last_settled_key(*, using: str, wait: timedelta) -> int:
    """
    Return the highest key up to which no further record can appear, or 0 without records.

    Raises `StillOpen` if transactions that write records do not end within `wait`, and `OnStandby` on a standby: its
    writers are those of the primary, which do not show there.
    """
    refuse_standby(using)
    highest: int = UserStateAudit.objects.using(using).aggregate(Max("pk"))["pk__max"] or 0
    vendor = connections[using].vendor
    if vendor == "postgresql":
        _wait_for_writers(using, wait)
    elif vendor != "sqlite":
        raise NotSupportedError(f"on {vendor} it is unknown which keys are still to come")
    return highest


def _wait_for_writers(using: str, wait: timedelta) -> None:
    deadline = time.monotonic() + wait.total_seconds()
    ahead = before = writers(using)
    while ahead := still_open(ahead, before, now := writers(using)):
        if time.monotonic() > deadline:
            raise StillOpen(wait, {pid for _, pid in ahead})
        before = now
        pause()


def still_open(ahead: Writers, before: Writers, now: Writers) -> Writers:
    """
    Return which of the transactions `ahead` are open now; `before` were all open ones when it was last asked.

    One that is gone may have been prepared since, and be any of those that appear as prepared.
    """
    has_one_gone = any(pid is not None for _, pid in ahead - now)
    prepared = {each for each in now - before if each[1] is None} if has_one_gone else set()
    return (ahead & now) | prepared


def writers(using: str, model: type[models.Model] = UserStateAudit) -> Writers:
    """Return the open transactions that may have written rows of this model."""
    with connections[using].cursor() as cursor:
        cursor.execute(WRITERS, [connections[using].ops.quote_name(model._meta.db_table)])
        return set(cursor.fetchall())
