"""The list of people as a CSV file: streamed in batches, with the filters of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from users.database import local_time
from users.input import csv_files
from users.rows.user_model import has_field

BATCH_SIZE = 2000

OF_THE_USER = ("first_name", "last_name", "email", "date_joined", "last_login")
"""The columns from the user model, where it has them."""


def columns() -> dict[str, str]:
    """Return the columns of the file, each with the field that it shows."""
    user = get_user_model()
    found = {"id": "pk", "username": user.USERNAME_FIELD, "state": "fsm__current_state"}
    found |= {name: _field(name) for name in OF_THE_USER if has_field(name)}
    return found | {"locked_until": "fsm__locked_until", "invited_at": "fsm__invited_at"}


def pieces(
    people: QuerySet[Any], shown: Mapping[str, str], on_rows: Callable[[int], object] = lambda _: None
) -> Iterator[bytes]:
    """
    Yield the file in pieces: the header, then the people in the order of their keys.

    Each batch is a query of its own, so nothing stays open between them. `on_rows` is called with the number of people
    that a piece adds.
    """
    yield csv_files.written([shown])
    rows = people.order_by("pk").values_list("pk", *shown.values())
    batch = list(rows[:BATCH_SIZE])
    while batch:
        on_rows(len(batch))
        yield csv_files.written(map(_cells, batch))
        # Nothing comes behind a batch that is not full.
        batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH_SIZE]) if len(batch) == BATCH_SIZE else []


def _field(name: str) -> str:
    return str(get_user_model().get_email_field_name()) if name == "email" else name


def _cells(row: tuple[Any, ...]) -> list[Any]:
    _place, *values = row
    return [_cell(value) for value in values]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return local_time.in_utc(value).isoformat(timespec="seconds")
    return csv_files.guarded(value) if isinstance(value, str) else value
