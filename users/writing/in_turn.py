"""The statements by which any other database writes a unit: an INSERT for each kind of row, then two UPDATEs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connections

from users.states import State
from users.writing.rows import Column, Rows, mirror


def write(inserts: Sequence[Rows], states: Rows, *, using: str) -> int:
    """Insert, write the states, mirror `is_active`; return how many states were written."""
    active = [state == State.ACTIVE for state in states.values_of("current_state")]
    keys = states.values_of("id")
    with connections[using].cursor() as cursor:
        for rows in inserts:
            cursor.executemany(_insert(rows.table, rows.columns), _prepared(rows, using))
        cursor.executemany(_update(states.table, states.columns), _prepared(states, using))
        written = cursor.rowcount
        cursor.executemany(_mirror(states.table, states.columns, using), list(zip(active, keys, active, strict=True)))
    return int(written)


def _prepared(rows: Rows, using: str) -> list[tuple[Any, ...]]:
    connection = connections[using]
    columns = zip(rows.columns, rows.values, strict=True)
    prepared = [[column.field.get_db_prep_save(value, connection) for value in values] for column, values in columns]
    return list(zip(*prepared, strict=True))


@cache
def _insert(table: str, columns: tuple[Column, ...]) -> str:
    names = ", ".join(column.name for column in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})"


@cache
def _update(table: str, columns: tuple[Column, ...]) -> str:
    *written, key = [column.name for column in columns]
    values = ", ".join(f"{name} = %s" for name in written)
    return f"UPDATE {table} SET {values}, version = version + 1 WHERE {key} = %s"


@cache
def _mirror(table: str, columns: tuple[Column, ...], using: str) -> str:
    users, is_active, key = mirror(using)
    user = f"(SELECT user_id FROM {table} WHERE {columns[-1].name} = %s)"
    return f"UPDATE {users} SET {is_active.name} = %s WHERE {key.name} = {user} AND {is_active.name} <> %s"
