"""Rows as PostgreSQL writes them itself (`COPY … TO`). Reading each into Python takes many times as long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

PIECE = 64 * 1024
"""In bytes. PostgreSQL sends single rows, which are collected into pieces of at least this size."""

CSV = "FORMAT csv, FORCE_QUOTE *"


def pieces(
    rows: QuerySet[Any, Any], options: str = CSV, around: Callable[[str], str] = lambda query: query
) -> Iterator[tuple[bytes, int]]:
    """
    Yield the columns of a `values_list` in pieces, and how many rows each has.

    `around` is given the query as text and returns the one that is copied.
    """
    connection = connections[rows.db]
    operations: Any = connection.ops
    try:
        query = operations.compose_sql(*rows.query.get_compiler(rows.db).as_sql())
    except EmptyResultSet:  # a filter that can match nothing; Django does not even ask the database
        return
    with (
        connection.wrap_database_errors,  # as Django does itself, but for `copy`
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({around(query)}) TO STDOUT ({options})") as lines,
    ):
        piece, count = bytearray(), 0
        for line in lines:  # one is a row
            piece += line
            count += 1
            if len(piece) >= PIECE:
                yield bytes(piece), count
                piece, count = bytearray(), 0
        if piece:
            yield bytes(piece), count
