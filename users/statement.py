"""
The one statement by which PostgreSQL writes a unit: INSERTs, then the states, then `is_active`, in one `WITH`.

It is the same for one account and for a thousand. Django has no query that writes several tables, and takes longer to
build those that it has than PostgreSQL to run them.

THE ORDER WITHIN. PostgreSQL promises no order among the parts of a `WITH`, but triggers look for the record when the
state changes. So the UPDATE of the states waits for a count of what was inserted: no row of it is written before all of
that is there, and none at all where the database swallowed some of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.contrib.auth import get_user_model
from django.db import connections, models

from users.states import State

if TYPE_CHECKING:
    from users.models import UserFSM


class Part(NamedTuple):
    """A piece of SQL, its parameters, and how many rows it makes."""

    sql: str
    params: list[Any]
    rows: int


class Column(NamedTuple):
    """A column of a model: its field, its quoted name and its type."""

    field: models.Field[Any, Any]
    name: str
    kind: str


def insert(rows: Sequence[models.Model], *, using: str) -> Part | None:
    """Return the INSERT of these rows, all of one model, or None for what only Django's `bulk_create` can insert."""
    model = type(rows[0])
    columns = _columns(model, using, key=any(row.pk is not None for row in rows))
    values = [[column.field.pre_save(row, add=True) for row in rows] for column in columns]
    kinds = {type(value) for each in values for value in each}
    if not _fits(model, using) or any(hasattr(kind, "as_sql") for kind in kinds):
        return None
    names = ", ".join(column.name for column in columns)
    select = _select(columns, values, using)
    into = f"INSERT INTO {_quoted(model._meta.db_table, using)} ({names})"
    return select._replace(sql=f"{into} {select.sql} RETURNING {_quoted(model._meta.pk.column, using)} AS key")


def execute(
    inserts: Sequence[Part], changed: Sequence[UserFSM], names: Sequence[str], *, using: str
) -> tuple[int, list[list[Any]]]:
    """
    Run the inserts; write the fields with these names of the accounts, with a version one higher; mirror `is_active`.

    Return how many accounts were written, and the keys of the rows of each insert. Raises what the database raises.
    """
    parts = {f"inserted_{number}": part for number, part in enumerate(inserts)}
    keys = "".join(f", (SELECT array_agg(key) FROM {name})" for name in parts)
    parts |= _update_of_states(changed, names, parts, using) | {"mirrored": _update_of_users(using)}
    sql = ", ".join(f"{name} AS ({part.sql})" for name, part in parts.items())
    params = [value for part in parts.values() for value in part.params]
    with connections[using].cursor() as cursor:
        cursor.execute(f"WITH {sql} SELECT (SELECT count(*) FROM written){keys}", params)
        written, *returned = cursor.fetchone()
    return written, [each or [] for each in returned]


def _update_of_states(
    changed: Sequence[UserFSM], names: Sequence[str], inserts: dict[str, Part], using: str
) -> dict[str, Part]:
    model = type(changed[0])
    columns = [
        column for column in _columns(model, using, key=True) if column.field.primary_key or column.field.name in names
    ]
    account = _select(
        columns, [[column.field.pre_save(fsm, add=False) for fsm in changed] for column in columns], using
    )
    sql = _update_of_states_sql(model, tuple(column.name for column in columns), tuple(inserts), using)
    params = [*(part.rows for part in inserts.values()), State.ACTIVE.value]
    return {"account": account, "written": Part(sql, params, account.rows)}


@cache
def _update_of_states_sql(model: type[UserFSM], columns: Sequence[str], inserts: Sequence[str], using: str) -> str:
    key = _quoted(model._meta.pk.column, using)
    values = ", ".join(f"{column} = account.{column}" for column in columns if column != key)
    waits = "".join(f" AND (SELECT count(*) FROM {insert}) = %s" for insert in inserts)
    return (
        f"UPDATE {_quoted(model._meta.db_table, using)} AS fsm SET {values}, version = fsm.version + 1"
        f" FROM account WHERE fsm.{key} = account.{key}{waits}"
        " RETURNING fsm.user_id, fsm.current_state = %s AS is_active"
    )


@cache
def _update_of_users(using: str) -> Part:
    field = get_user_model()._meta.get_field("is_active")
    owner = field.model._meta  # where the user model inherits its table, the parent's, which has the same key
    is_active, key = _quoted(field.name, using), _quoted(owner.pk.column, using)
    sql = (
        f"UPDATE {_quoted(owner.db_table, using)} AS person SET {is_active} = written.is_active"
        f" FROM written WHERE person.{key} = written.user_id AND person.{is_active} <> written.is_active"
    )
    return Part(sql, [], 0)


def _select(columns: Sequence[Column], values: Sequence[list[Any]], using: str) -> Part:
    """
    Return rows, given as the values of their columns, as a SELECT of them.

    A column that says the same in every row goes over once, any other as an array.
    """
    rows, connection = len(values[0]), connections[using]
    outputs, constants, arrays = [], [], {}
    for (field, name, kind), each in zip(columns, values, strict=True):
        if each.count(each[0]) == rows:
            outputs.append(f"%s::{kind} AS {name}")
            constants.append(field.get_db_prep_save(each[0], connection))
        else:
            outputs.append(name)
            arrays[name] = f"%s::{kind}[]", [field.get_db_prep_save(value, connection) for value in each]
    source = "unnest({}) AS _ ({})".format(", ".join(array for array, _ in arrays.values()), ", ".join(arrays))
    if not arrays:
        source = f"generate_series(1, {rows})"
    sql = f"SELECT {', '.join(outputs)}" + (f" FROM {source}" if rows > 1 else "")
    return Part(sql, [*constants, *(array for _, array in arrays.values())], rows)


@cache
def _columns(model: type[models.Model], using: str, *, key: bool) -> list[Column]:
    """The columns that are written; a key that the database makes is among them only where it is asked for."""
    return [
        # Without the length, to which a cast would cut.
        Column(field, _quoted(field.column, using), str(field.db_type(connections[using])).partition("(")[0])
        for field in model._meta.concrete_fields
        if not field.generated and (key or not isinstance(field, models.AutoField))
    ]


@cache
def _fits(model: type[models.Model], using: str) -> bool:
    """Whether the values of all fields can go over in arrays; the rule is that of Django's own `unnest`."""
    known = connections[using].data_types
    fields = [getattr(field, "target_field", field) for field in model._meta.concrete_fields]
    plain = all(field.get_internal_type() in known and not hasattr(field, "get_placeholder") for field in fields)
    return plain and not model._meta.parents


def _quoted(name: str | None, using: str) -> str:
    return str(connections[using].ops.quote_name(cast("str", name)))
