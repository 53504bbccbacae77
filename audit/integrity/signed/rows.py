"""
Reads records for verification, as the rows of their table.

A verification reads millions of them, so they come past the ORM's conversions: times and details as the text that the
database has, which is all that their canonical form needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, IntegerField, QuerySet, TextField
from django.db.models.functions import Cast

from audit.integrity.signed.facts import Facts, Row, message_of
from audit.models import UserStateAudit
from users import local_time

Records = QuerySet[UserStateAudit]

AS_TEXT = ("datetime", "locked_until", "details")
COLUMNS = [Cast(name, TextField()) if name in AS_TEXT else F(name) for name in (*Facts._fields, "signature", "id")]
MOMENT, UNTIL, DETAILS = map(Facts._fields.index, AS_TEXT)
KEYS = [Facts._fields.index(name) for name in ("user_id", "actor_id", "impersonator_id")]


def read(records: Records) -> Iterator[Row]:
    """Yield these records. Raises one of `facts.UNREADABLE` at one that cannot be read."""
    moment_of, key_of = _reading_moments(records.db), _reading_keys()
    for *values, signature, key in _fetch(records):
        values[MOMENT] = moment_of(values[MOMENT])
        if values[UNTIL] is not None:
            values[UNTIL] = moment_of(values[UNTIL])
        values[DETAILS] = {} if values[DETAILS] == "{}" else json.loads(values[DETAILS])
        if key_of is not None:
            for place in KEYS:
                values[place] = key_of(values[place])
        facts = Facts._make(values)
        yield Row(facts, message_of(facts, signature), signature, key)


def _fetch(records: Records) -> list[tuple[Any, ...]]:
    try:
        statement = records.values_list(*COLUMNS).query.get_compiler(records.db).as_sql()
    except EmptyResultSet:  # a condition that nothing can meet; Django does not even ask the database
        return []
    with connections[records.db].cursor() as cursor:
        cursor.execute(*statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _reading_moments(using: str) -> Callable[[str], datetime]:
    """Return how this database's text of a time is read. It has no zone on SQLite, and one on PostgreSQL."""
    if connections[using].vendor == "sqlite":
        zone = connections[using].timezone
        return lambda text: _moment(text, zone)
    return datetime.fromisoformat if settings.USE_TZ else lambda text: local_time.as_kept(datetime.fromisoformat(text))


def _moment(text: str, zone: tzinfo | None) -> datetime:
    # SQLite keeps anything. Python reads more than Django writes, such as a day without dashes.
    if text[4:17:3] != "-- ::" or text[11:13] == "24":
        raise ValueError(f"its time cannot be read: {text[:40]}")
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def _reading_keys() -> Callable[[Any], Any] | None:
    """Return how keys of users are converted, or None if the database returns them as they are."""
    target = UserStateAudit._meta.get_field("user").target_field
    return None if isinstance(target, IntegerField) else target.to_python
