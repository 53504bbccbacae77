"""The statements with which other databases write a unit: an INSERT for each kind of row, then two UPDATEs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from users.lifecycle.writing.columns import Columns, Rows, mirror
from users.states import State


def write(inserts: Sequence[Rows], states: Rows, connection: BaseDatabaseWrapper) -> bool:
    """Insert the rows, write the states and `is_active`, and return whether all states were written."""
    active = [state == State.ACTIVE for state in states.values_of("current_state")]
    agreeing = list(zip(active, states.values_of("id"), active, strict=True))
    with connection.cursor() as cursor:
        _insert_each(cursor, inserts)
        written = _execute_each(cursor, _update(states.columns), states.each_to_database(connection))
        _execute_each(cursor, _mirror(states.columns, connection.alias), agreeing)
    return written == states.count


def insert(inserts: Sequence[Rows], connection: BaseDatabaseWrapper) -> None:
    """Insert rows with one statement for each kind."""
    with connection.cursor() as cursor:
        _insert_each(cursor, inserts)


def _insert_each(cursor: CursorWrapper, inserts: Sequence[Rows]) -> None:
    for rows in inserts:
        _execute_each(cursor, _insert(rows.columns), rows.each_to_database(cursor.db))


def _execute_each(cursor: CursorWrapper, sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """
    Execute the statement with each of these rows of parameters, and return the number of rows that it has written.

    One row is sent by `execute`, so that debug tools show its values. With DEBUG each row is, because
    django-debug-toolbar fails on the parameters of `executemany` on SQLite.
    """
    if len(rows) == 1 or settings.DEBUG:
        written = 0
        for row in rows:
            cursor.execute(sql, row)
            written += cursor.rowcount
        return written
    cursor.executemany(sql, rows)
    return int(cursor.rowcount)


@cache
def _insert(columns: Columns) -> str:
    names = columns.names
    return f"INSERT INTO {columns.table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"


@cache
def _update(columns: Columns) -> str:
    *written, key = columns.names
    values = ", ".join(f"{name} = %s" for name in written)
    return f"UPDATE {columns.table} SET {values}, version = version + 1 WHERE {key} = %s"


@cache
def _mirror(columns: Columns, using: str) -> str:
    users, is_active, key = mirror(using)
    user = f"(SELECT user_id FROM {columns.table} WHERE {columns.names[-1]} = %s)"
    return f"UPDATE {users} SET {is_active} = %s WHERE {key} = {user} AND {is_active} <> %s"
