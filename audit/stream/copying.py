"""
Exports that PostgreSQL writes itself (`COPY`): JSON lines and CSV.

The lines are those of `audit.stream.formats`, apart from the spaces inside of `details`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections
from django.db.models import Case, CharField, DateTimeField, F, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat, Left
from django.db.models.lookups import Exact

from audit.export import copy_to, csv_file
from audit.stream.formats import Format
from audit.stream.formats.json_lines import SECRET
from audit.stream.sources import CHANGES, Source

RAW = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"
"""Quotes that never occur in JSON, so that a single column of JSON is written as it is."""


def can_copy(source: Source, form: Format, rows: QuerySet[Any]) -> bool:
    """Whether PostgreSQL can write these rows. The id of an event without a signature is made in Python."""
    if connections[rows.db].vendor != "postgresql" or source is not CHANGES or form.name not in ("jsonl", "csv"):
        return False
    return not rows.filter(signature="").exists()


def pieces(form: Format, rows: QuerySet[Any]) -> Iterator[tuple[bytes, int]]:
    """Yield the lines in pieces, and how many events each has."""
    as_csv = form.name == "csv"
    columns = _csv_columns() if as_csv else _json_columns(rows.model)
    selected = rows.annotate(**{f"_{name}": each for name, each in columns.items()}).values_list(
        *(f"_{name}" for name in columns)
    )
    if as_csv:
        yield from copy_to.pieces(selected)
        return
    names = ", ".join(f'"{name}"' for name in columns)
    yield from copy_to.pieces(
        selected,
        RAW,
        lambda query: f"SELECT row_to_json(line) FROM (SELECT * FROM ({query}) AS found ({names})) AS line",  # noqa: S608 - ours
    )


def _csv_columns() -> dict[str, Any]:
    columns = {name: csv_file.column(name) for name in csv_file.COLUMNS}
    return {"event_id": _event_id(), **columns}


def _json_columns(model: Any) -> dict[str, Any]:
    fields = [field for field in model._meta.concrete_fields if field.attname not in SECRET]
    columns = {field.attname: _json_column(field) for field in fields}
    return {"event_id": _event_id(), "event": Value(CHANGES.name), **columns}


def _json_column(field: Any) -> Any:
    if isinstance(field, DateTimeField):
        return _exactly(field.attname)
    if field.is_relation:
        return Cast(field.attname, TextField())
    return F(field.attname)


def _exactly(name: str) -> Case:
    """As `audit.stream.formats.json_lines` writes times."""
    utc = Func(Value("UTC"), F(name), function="TIMEZONE")
    milli, micro = (
        Func(utc, Value(f'YYYY-MM-DD"T"HH24:MI:SS.{digits}"Z"'), function="TO_CHAR", output_field=CharField())
        for digits in ("MS", "US")
    )
    cut = Func(Value("milliseconds"), F(name), function="DATE_TRUNC", output_field=DateTimeField())
    return Case(When(Exact(F(name), cut), then=milli), default=micro)


def _event_id() -> Any:
    """As `audit.stream.sources.event_id` makes it."""
    signature = Func(F("signature"), Value("UTF8"), function="CONVERT_TO")
    digest = Func(Func(signature, function="SHA256"), Value("hex"), function="ENCODE", output_field=TextField())
    text = TextField()
    return Concat(Value(f"{CHANGES.name}-"), Cast("pk", text), Value("-"), Left(digest, 12), output_field=text)
