"""
The journal: each committed change as a line of JSON, for another machine.

A line contains the user's key, the sequence and the signature, so it proves what was acknowledged even if the database
has lost it. It is written after the commit and therefore at most once: a change whose COMMIT succeeded but whose answer
was lost has no line. `rewritten` yields the lines of the record.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime

from audit.exceptions import RecordUnreadable
from audit.integrity.signed.facts import Facts, Unreadable
from audit.integrity.signed.reading import pages_by_key
from audit.models import UserStateAudit

logger = logging.getLogger("audit")

_encode = json.JSONEncoder(default=str).encode  # `json.dumps` makes an encoder for each line


def write(facts: Facts, signature: str) -> None:
    """Log a record as one line of JSON (logger `audit`, level INFO)."""
    if logger.isEnabledFor(logging.INFO):
        logger.info(line(facts, signature))


def line(facts: Facts, signature: str, key: int | None = None) -> str:
    """Return a record as one line. Its primary key is known only if it was read from the database."""
    told = {**facts._asdict(), "signature": signature}
    return _encode(told if key is None else {"id": key, **told})


def rewritten(since: datetime | None, *, using: str) -> Iterator[str]:
    """
    Yield the lines of all records from this time on, in the order of their keys.

    Raises `RecordUnreadable` at the end if some of them cannot be read.
    """
    unreadable = []
    records = UserStateAudit.objects.using(using)
    for page in pages_by_key(records if since is None else records.filter(datetime__gte=since)):
        for row in page:
            if isinstance(row, Unreadable):
                unreadable.append(f"the record with key {row.id} cannot be read: {row.why}")
            else:
                yield line(row.facts, row.signature, row.id)
    if unreadable:
        raise RecordUnreadable("\n".join(unreadable))
