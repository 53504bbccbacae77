"""
Up to which key the record is complete.

PostgreSQL gives out keys when a row is inserted and shows the row when its transaction commits, so a lower key can
appear behind a higher one, for as long as the slowest writer takes. Whoever writes holds a lock on the table from
before the first key to the end of the transaction. So: read the highest key that shows, then wait until all who hold
that lock at this moment have ended. A key that is lower and still to come was given to one of them, because keys are
given out in order. Nobody is held up by it, and no privilege is needed.

SQLite has one writer at a time, so there keys show in order.
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

from django.db import NotSupportedError, connections
from django.db.models import Max

from audit.exceptions import StillOpen
from audit.models import UserStateAudit

pause = partial(time.sleep, 0.05)
"""Between two looks at who is still there."""

WRITERS = """
SELECT virtualtransaction, pid FROM pg_locks
WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid IS DISTINCT FROM pg_backend_pid()
"""


def last_settled_key(*, using: str, wait: timedelta) -> int:
    """
    The highest key up to which no record can appear any more, 0 where there is none.

    Raises `StillOpen` where transactions that write records have not ended within `wait`.
    """
    highest: int = UserStateAudit.objects.using(using).aggregate(Max("pk"))["pk__max"] or 0
    vendor = connections[using].vendor
    if vendor == "postgresql":
        _wait_for_writers(using, wait)
    elif vendor != "sqlite":
        raise NotSupportedError(f"on {vendor} nobody knows which keys are still to come")
    return highest


def _wait_for_writers(using: str, wait: timedelta) -> None:
    deadline = time.monotonic() + wait.total_seconds()
    ahead = writers(using)
    while ahead := ahead & writers(using):
        if time.monotonic() > deadline:
            raise StillOpen(wait, {pid for _, pid in ahead})
        pause()


def writers(using: str) -> set[tuple[str, int | None]]:
    """The open transactions that have written records or may yet: their virtual number and their process."""
    with connections[using].cursor() as cursor:
        cursor.execute(WRITERS, [UserStateAudit._meta.db_table])
        return set(cursor.fetchall())
