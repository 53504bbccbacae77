"""
Reads records for verification, as the rows of their table.

A verification reads millions of them, so they bypass the ORM's conversions. Times and details stay the text that the
database has, which is all that their canonical form needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, IntegerField, QuerySet, TextField
from django.db.models.functions import Cast

from audit.integrity.signed.details import object_of
from audit.integrity.signed.facts import Facts, Row, message_of
from audit.models import UserStateAudit
from users.database import local_time

Records = QuerySet[UserStateAudit]

AS_TEXT = ("datetime", "locked_until", "details")
COLUMNS = (*Facts._fields, "signature", "id")
MOMENT, UNTIL, DETAILS = map(Facts._fields.index, AS_TEXT)
KEYS = [Facts._fields.index(name) for name in ("user_id", "actor_id", "impersonator_id")]


def read(records: Records) -> Iterator[Row]:
    """Yield these records. Raises one of `facts.UNREADABLE` at one that cannot be read."""
    moment_of, key_of = _reading_moments(records.db), _reading_keys()
    for *values, signature, key in _fetch(records):
        values[MOMENT] = moment_of(values[MOMENT])
        if values[UNTIL] is not None:
            values[UNTIL] = moment_of(values[UNTIL])
        values[DETAILS] = {} if values[DETAILS] == "{}" else object_of(values[DETAILS])
        if key_of is not None:
            for place in KEYS:
                values[place] = key_of(values[place])
        facts = Facts._make(values)
        yield Row(facts, message_of(facts, signature), signature, key)


def _fetch(records: Records) -> list[tuple[Any, ...]]:
    as_text = _as_it_is if connections[records.db].vendor == "sqlite" else _cast
    columns = [as_text(name) if name in AS_TEXT else F(name) for name in COLUMNS]
    try:
        statement = records.values_list(*columns).query.get_compiler(records.db).as_sql()
    except EmptyResultSet:  # no row can match; Django does not even ask the database
        return []
    with connections[records.db].cursor() as cursor, _strictly(connections[records.db]):
        cursor.execute(*statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@contextmanager
def _strictly(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let SQLite raise at a text that is not UTF-8. Pages read it, which takes longer (`users.database.legible`)."""
    if connection.vendor != "sqlite":
        yield
        return
    before, connection.connection.text_factory = connection.connection.text_factory, str
    try:
        yield
    finally:
        connection.connection.text_factory = before


def _as_it_is(name: str) -> Func:
    """
    Select the text that SQLite has. It is an expression, so that no driver converts it; a cast would turn bytes into
    text.
    """
    return Func(F(name), template="+%(expressions)s", output_field=TextField())


def _cast(name: str) -> Func:
    return Cast(name, TextField())


def _reading_moments(using: str) -> Callable[[str], datetime]:
    """
    Return the function that reads this database's text of a time. The text has a zone on PostgreSQL, and none on
    SQLite.
    """
    if connections[using].vendor == "sqlite":
        zone = connections[using].timezone
        return lambda text: _moment(text, zone)
    return datetime.fromisoformat if settings.USE_TZ else lambda text: local_time.as_kept(datetime.fromisoformat(text))


def _moment(text: str, zone: tzinfo | None) -> datetime:
    # SQLite keeps anything. Python reads more than Django writes, such as a day without dashes.
    if text[4:17:3] != "-- ::" or text[11:13] == "24":
        raise ValueError(f"its time cannot be read: {text[:40]}")
    moment = datetime.fromisoformat(text)
    # With an offset, it is another moment than the signed one, and pages show it so as well.
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else local_time.as_kept(moment)


def _reading_keys() -> Callable[[Any], Any] | None:
    """Return the function that converts keys of users, or None if the database returns them as they are."""
    target = UserStateAudit._meta.get_field("user").target_field
    return None if isinstance(target, IntegerField) else target.to_python
