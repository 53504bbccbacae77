"""
The single statement with which PostgreSQL writes a unit, for one account or a thousand.

THE ORDER WITHIN THE STATEMENT. PostgreSQL guarantees no order among the parts of a `WITH`, but triggers look for the
record when a state changes. So the UPDATE of the states depends on the count of inserted rows. No state is written
before all rows are inserted, and none at all if the database discarded some of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import DataError
from django.db.backends.base.base import BaseDatabaseWrapper

from users.lifecycle import cursors
from users.lifecycle.writing.columns import Columns, Rows, mirror
from users.states import State

DIVISION_BY_ZERO = "22012"
"""PostgreSQL's code for the error with which the statement fails if not all states could be written."""


class Shape(NamedTuple):
    """Everything about some rows that the text of the statement depends on."""

    columns: Columns
    varying: tuple[bool, ...]
    """For each column, whether it differs between rows and is sent as an array. The others are sent once."""

    many: bool


def write(inserts: Sequence[Rows], states: Rows, connection: BaseDatabaseWrapper, *, commits: bool) -> None:
    """
    Insert the rows, write the states and `is_active`. With `commits`, COMMIT is sent along.

    The statement itself fails if not all of that is possible (`is_about_the_count`).
    """
    shapes, params = [], []
    for rows in (*inserts, states):
        shape, values = _spread(rows, connection)
        shapes.append(shape)
        params += values
    params += [*(rows.count for rows in inserts), State.ACTIVE.value, states.count]
    cursors.execute(connection, _statement(tuple(shapes), connection.alias), params, commits=commits)


def insert(inserts: Sequence[Rows], connection: BaseDatabaseWrapper) -> None:
    """Insert rows with one statement for each kind."""
    for rows in inserts:
        shape, params = _spread(rows, connection)
        cursors.execute(connection, _insertion(shape), params)


def is_about_the_count(error: DataError) -> bool:
    """Whether this is the error of a statement that could not write all states, or had not all of its rows."""
    diagnosis = getattr(error.__cause__, "diag", None)
    # A division by zero in a trigger has a context: the function that made it.
    return diagnosis is not None and diagnosis.sqlstate == DIVISION_BY_ZERO and diagnosis.context is None


def _spread(rows: Rows, connection: BaseDatabaseWrapper) -> tuple[Shape, list[Any]]:
    """Return the shape of the rows and the parameters of their SELECT."""
    count = rows.count
    if count == 1:
        return Shape(rows.columns, (False,) * len(rows.values), many=False), rows.the_one_to_database(connection)
    varying: list[bool] = []
    once: list[Any] = []
    arrays: list[Any] = []
    for column, values in zip(rows.columns.each, rows.values, strict=True):
        varying.append(not column.says_one_thing(values))
        if varying[-1]:
            arrays.append([*column.to_database(values, connection)])
        else:
            once += column.to_database(values[:1], connection)
    if not arrays:
        arrays.append(count)
    return Shape(rows.columns, tuple(varying), many=True), [*once, *arrays]


@lru_cache(maxsize=32)  # one row, and batches by the columns that their rows share
def _statement(shapes: tuple[Shape, ...], using: str) -> str:
    *inserts, states = shapes
    parts = [f"inserted_{number} AS ({_insertion(rows)} RETURNING 1)" for number, rows in enumerate(inserts)]
    *written, key = states.columns.names
    values = ", ".join(f"{name} = account.{name}" for name in written)
    waits = "".join(f" AND (SELECT count(*) FROM inserted_{number}) = %s" for number in range(len(inserts)))
    user_table, is_active, user_key = mirror(using)
    return f"""
        WITH {", ".join([*parts, f"account AS ({_select(states)})"])},
        written AS (
            UPDATE {states.columns.table} AS fsm SET {values}, version = fsm.version + 1
            FROM account WHERE fsm.{key} = account.{key}{waits}
            RETURNING fsm.user_id, fsm.current_state = %s AS is_active
        ), mirrored AS (
            UPDATE {user_table} AS person SET {is_active} = written.is_active
            FROM written WHERE person.{user_key} = written.user_id AND person.{is_active} <> written.is_active
        )
        SELECT 1 / (count(*) = %s)::int FROM written""".strip()


@lru_cache(maxsize=32)
def _insertion(rows: Shape) -> str:
    """Return an INSERT of the rows, with parameters as in `_select`."""
    return f"INSERT INTO {rows.columns.table} ({', '.join(rows.columns.names)}) {_select(rows)}"


def _select(rows: Shape) -> str:
    """Return a SELECT of the rows. Its parameters are in the order of `_spread`."""
    outputs, names, arrays = [], [], []
    for column, varies in zip(rows.columns.each, rows.varying, strict=True):
        # Cast without a length, because a cast with one truncates.
        if varies:
            outputs.append(column.name)
            names.append(column.name)
            arrays.append(f"%b::{column.kind}[]")  # binary, because arrays as text take five times as long
        else:
            outputs.append(f"%s::{column.kind} AS {column.name}")
    sql = f"SELECT {', '.join(outputs)}"
    if arrays:
        return f"{sql} FROM unnest({', '.join(arrays)}) AS _ ({', '.join(names)})"
    return f"{sql} FROM generate_series(1, %s)" if rows.many else sql
