"""JSON lines: the columns of the table under their own names. This is the only format that leaves nothing out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.stream.formats.values import key, one_line, written
from users.database.local_time import in_utc

SECRET = frozenset({"person_salt", "actor_salt"})
"""The columns that are left out. With a salt, erased data could be found by trying."""


def line(what: str, row: Any, event_id: str) -> str:
    """Return the row as one line of JSON."""
    columns = {
        field.attname: _value(field, getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.attname not in SECRET
    }
    return one_line({"event_id": event_id, "event": what, **columns})


def _value(field: Any, value: Any) -> Any:
    if field.is_relation:
        return key(value)
    return _exactly(value) if isinstance(value, datetime) else value


def _exactly(moment: datetime) -> str | None:
    """The time in milliseconds, or in microseconds if it has them: format 1 signed these."""
    if moment.microsecond % 1000 == 0:
        return written(moment)
    return in_utc(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")
