"""
Records as CSV: streamed, in constant memory, and safe to open in a spreadsheet.

The database puts the apostrophe of `users.input.csv_files` in front of text that begins like a formula.

PostgreSQL writes the file itself (`copy_to`). Other databases are read in batches, so that nothing stays open between
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db import connections
from django.db.models import Case, CharField, F, ForeignKey, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat, Left
from django.db.models.lookups import In

from audit.export import copy_to, paging
from audit.models import UserStateAudit
from users.database import local_time
from users.input.csv_files import FORMULA_STARTS, written

COLUMNS = (
    "datetime",
    "id",
    "user_id",
    "username",
    "sequence",
    "transition",
    "cause",
    "start_state",
    "end_state",
    "locked_until",
    "actor_id",
    "actor_kind",
    "initiated_by",
    "impersonator_id",
    "impersonator_name",
    "description",
    "details",
    "ip_address",
    "user_agent",
    "request_id",
    "signature",
)
"""The columns of the file, named as those of the table; the first two are what `paging.batches` goes by."""

FROM_OUTSIDE = frozenset(
    {"username", "initiated_by", "impersonator_name", "description", "ip_address", "user_agent", "request_id"}
)
"""The columns with text from people or clients, beside keys that are text. Others hold numbers and our own names."""

MOMENTS = frozenset({"datetime", "locked_until"})

BATCH_SIZE = 5000


def pieces(records: QuerySet[UserStateAudit], on_rows: Callable[[int], object] = lambda _: None) -> Iterator[bytes]:
    """
    Yield the file in pieces: the header, then the records, the newest first.

    `on_rows` is called with the number of records that a piece adds.
    """
    yield written([COLUMNS])
    copy = connections[records.db].vendor == "postgresql"
    yield from (_copied if copy else _read_in_batches)(records, on_rows)


def _copied(records: QuerySet[UserStateAudit], on_rows: Callable[[int], object]) -> Iterator[bytes]:
    rows = records.order_by(*paging.NEWEST_FIRST).values_list(*_columns(_written_by_postgresql))
    for piece, count in copy_to.pieces(rows):
        on_rows(count)
        yield piece


def _read_in_batches(records: QuerySet[UserStateAudit], on_rows: Callable[[int], object]) -> Iterator[bytes]:
    for batch in paging.batches(records.values_list(*_columns(F)), BATCH_SIZE):
        on_rows(len(batch))
        yield written(map(_with_written_moments, batch))


def column(name: str) -> Any:
    """Return the expression by which PostgreSQL writes one of `COLUMNS`."""
    return _column(name, _written_by_postgresql)


def _columns(moment: Callable[[str], Any]) -> list[Any]:
    """The expressions for `COLUMNS`; those that are moments are made by this function."""
    return [_column(name, moment) for name in COLUMNS]


def _column(name: str, moment: Callable[[str], Any]) -> Any:
    if name in MOMENTS:
        return moment(name)
    if name == "details":
        return Cast(name, TextField())
    return _guarded(name) if name in FROM_OUTSIDE or _is_key_of_text(name) else F(name)


def _is_key_of_text(name: str) -> bool:
    """Whether the column has keys that people choose, such as the name as the key of a user."""
    field = UserStateAudit._meta.get_field(name)
    return isinstance(field, ForeignKey) and isinstance(field.target_field, CharField)


def _guarded(name: str) -> Case:
    """The text, with an apostrophe if a spreadsheet would take it for a formula."""
    like_a_formula = In(Left(name, 1), FORMULA_STARTS)
    text = TextField()
    guarded = Concat(Value("'"), F(name), output_field=text)
    return Case(When(like_a_formula, then=guarded), default=F(name), output_field=text)


def _with_written_moments(values: tuple[Any, ...]) -> list[Any]:
    return [_written_moment(value) if isinstance(value, datetime) else value for value in values]


def _written_moment(moment: datetime) -> str:
    return local_time.in_utc(moment).isoformat(timespec="microseconds")


def _written_by_postgresql(name: str) -> Func:
    """As `_written_moment` does."""
    form = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'
    utc = Func(Value("UTC"), F(name), function="TIMEZONE")
    return Func(utc, Value(form), function="TO_CHAR", output_field=CharField())
