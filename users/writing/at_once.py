"""
The one statement by which PostgreSQL writes a unit, of one account or of a thousand.

THE ORDER WITHIN. PostgreSQL promises no order among the parts of a `WITH`, but triggers look for the record when the
state changes. So the UPDATE of the states waits for a count of what was inserted: no row of it is written before all of
that is there, and none at all where the database swallowed some of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connections

from users.states import State
from users.writing.rows import Column, Rows, mirror


def write(inserts: Sequence[Rows], states: Rows, *, using: str) -> int:
    """Insert, write the states, mirror `is_active`; return how many states were written."""
    parts, params = [], []
    for number, rows in enumerate(inserts):
        select, values = _select(rows, using)
        names = ", ".join(column.name for column in rows.columns)
        parts.append(f"inserted_{number} AS (INSERT INTO {rows.table} ({names}) {select} RETURNING 1)")
        params += values
    account, values = _select(states, using)
    update = _update(states.table, states.columns, len(inserts), using)
    params += [*values, *(rows.count for rows in inserts), State.ACTIVE.value]
    with connections[using].cursor() as cursor:
        cursor.execute(f"WITH {', '.join([*parts, f'account AS ({account})', update])}", params)
        return int(cursor.fetchone()[0])


@cache
def _update(table: str, columns: tuple[Column, ...], inserts: int, using: str) -> str:
    *written, key = [column.name for column in columns]
    values = ", ".join(f"{name} = account.{name}" for name in written)
    waits = "".join(f" AND (SELECT count(*) FROM inserted_{number}) = %s" for number in range(inserts))
    user_table, is_active, user_key = mirror(using)
    return f"""
        written AS (
            UPDATE {table} AS fsm SET {values}, version = fsm.version + 1
            FROM account WHERE fsm.{key} = account.{key}{waits}
            RETURNING fsm.user_id, fsm.current_state = %s AS is_active
        ), mirrored AS (
            UPDATE {user_table} AS person SET {is_active.name} = written.is_active
            FROM written WHERE person.{user_key.name} = written.user_id AND person.{is_active.name} <> written.is_active
        )
        SELECT count(*) FROM written"""


def _select(rows: Rows, using: str) -> tuple[str, list[Any]]:
    """
    Return the rows as a SELECT of them, and its parameters.

    A column that says the same in every row goes over once, any other as an array.
    """
    connection, count = connections[using], rows.count
    outputs, constants, arrays = [], [], {}
    for (field, name, kind), values in zip(rows.columns, rows.values, strict=True):
        # Cast without a length, to which it would cut.
        if values.count(values[0]) == count:
            outputs.append(f"%s::{kind} AS {name}")
            constants.append(field.get_db_prep_save(values[0], connection))
        else:
            outputs.append(name)
            arrays[name] = f"%s::{kind}[]", [field.get_db_prep_save(value, connection) for value in values]
    source = "unnest({}) AS _ ({})".format(", ".join(array for array, _ in arrays.values()), ", ".join(arrays))
    if not arrays:
        source = f"generate_series(1, {count})"
    sql = f"SELECT {', '.join(outputs)}" + (f" FROM {source}" if count > 1 else "")
    return sql, [*constants, *(values for _, values in arrays.values())]
