"""
Times that can be read: a range check in the database, and a column whose unreadable values read as None.

PostgreSQL has times such as `infinity` and years that Python lacks, and SQLite keeps any text in any column. One such
value would make every page and command that reads the row fail.

Forms and lists check the time of a future change with `in_the_future`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.database.local_time import in_utc

FIRST, LAST = "1970-01-01", "2200-01-01"
"""The range of times that the project writes, the end of a lock among them."""

# Python's own limits, a day from either end, so that no time zone leads beyond them.
FIRST_READABLE, LAST_READABLE = "0001-01-02", "9999-12-30"

FARTHEST = timedelta(days=3660)
"""How far ahead people can let something happen."""

DIGITS = "[0-9]" * 2
SQLITE_FORMAT = f"{DIGITS}{DIGITS}-{DIGITS}-{DIGITS}*"


class InRange(Func):
    """Whether each of these columns is empty or holds a time that can be read, between `FIRST` and `LAST`."""

    def __init__(self, *columns: str | F, **extra: Any) -> None:
        super().__init__(*columns, output_field=BooleanField(), **extra)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any) -> Any:
        columns = [compiler.compile(each) for each in self.get_source_expressions()]
        params = [param for _, given in columns for param in given]
        if params:  # a form that is validated asks about values, and Python has read those
            return "(1 = 1)", []
        if connection.vendor == "sqlite":
            tests = (f"({sql} IS NULL OR {is_between(sql, FIRST, LAST, 'sqlite')})" for sql, _ in columns)
            return f"({' AND '.join(tests)})", []
        # PostgreSQL parses a constraint anew for each statement that writes, so two comparisons serve all columns.
        # LEAST and GREATEST pass over empty ones.
        every = ", ".join(sql for sql, _ in columns)
        return f"(LEAST({every}) >= '{FIRST} 00:00:00+00' AND GREATEST({every}) < '{LAST} 00:00:00+00')", []


class OfType(Func):
    """On SQLite, whether each of these columns holds what its type says; PostgreSQL asks that itself."""

    def __init__(self, kind: str, *columns: str | F, **extra: Any) -> None:
        self.kind = kind
        super().__init__(*columns, output_field=BooleanField(), **extra)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any) -> Any:
        columns = [compiler.compile(each) for each in self.get_source_expressions()]
        if connection.vendor != "sqlite" or any(given for _, given in columns):
            return "(1 = 1)", []
        tests = (f"typeof({sql}) = '{self.kind}'" for sql, _ in columns)
        return f"({' AND '.join(tests)})", []


class MomentField(models.DateTimeField):  # type: ignore[type-arg]  # generic in the stubs only
    """
    A time that reads as None if the database holds one that cannot be read.

    In a column that may be empty it reads as `LAST_READABLE`, because None means something else there.
    """

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def select_format(self, compiler: SQLCompiler, sql: str, params: Any) -> Any:
        if params:
            return sql, params
        vendor = compiler.connection.vendor
        readable = is_between(sql, FIRST_READABLE, LAST_READABLE, vendor)
        otherwise = f"WHEN {sql} IS NOT NULL THEN '{LAST_READABLE} 00:00:00' " if self.null else ""
        return f"CASE WHEN {readable} THEN {sql} {otherwise}END", params


def shown(moment: datetime | None) -> str:
    """Return a time of a `MomentField` to the second, for messages."""
    return "a time that cannot be read" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def refuse_unkeepable(moment: datetime) -> None:
    """Raise `TypeError` for anything but a datetime, and `ValueError` for one that the database would refuse."""
    if not isinstance(moment, datetime):
        raise TypeError(f"{moment!r} is not a datetime")
    try:
        in_range = FIRST <= str(in_utc(moment)) < LAST
    except OverflowError:  # an offset leads beyond Python's own limits
        in_range = False
    if not in_range:
        raise ValueError(f"{moment} is not between {FIRST} and {LAST}")


def in_the_future(moment: datetime) -> datetime:
    """Return a time at which a change can be made; raise `ValidationError` for others."""
    now = timezone.now()
    if moment <= now:
        raise ValidationError(_("This time has passed."), code="passed")
    if moment > now + FARTHEST:
        raise ValidationError(_("This is more than ten years ahead."), code="too_far")
    return moment


def is_between(sql: str, first: str, last: str, vendor: str) -> str:
    """The condition that this column holds a time in a range, which is never unknown unless the column is empty."""
    if vendor == "sqlite":
        # No comma with a space behind it: Django splits the text of a table there when it looks for its columns.
        day = f"substr({sql},1,10)"
        # SQLite's `datetime` returns NULL for most garbage. But it accepts 24 as an hour, and `date` turns 30 February
        # into 2 March.
        is_day = f"coalesce(date({day},'+0 days') = {day},0)"
        real = f"datetime({sql}) IS NOT NULL AND substr({sql},12,2) < '24' AND {is_day}"
        inside = f"{sql} >= '{first}' AND {sql} < '{last}'"
        return f"(typeof({sql}) = 'text' AND {sql} GLOB '{SQLITE_FORMAT}' AND {real} AND {inside})"
    return f"({sql} >= '{first} 00:00:00+00' AND {sql} < '{last} 00:00:00+00')"
