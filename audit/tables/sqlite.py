"""The tables in SQLite's catalogue, which is the text of the statements that made them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from audit.tables.vendor import own_columns, wanted_constraints
from audit.triggers.plain import plain

GENERATED = (2, 3)
"""How `table_xinfo` marks columns that are generated, virtual or stored."""


def place(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Whether there is a table at this place."""
    name = model._meta.db_table
    cursor.execute("SELECT type FROM sqlite_master WHERE lower(name) = lower(%s) AND type <> 'table'", [name])
    for (kind,) in cursor.fetchall():
        yield f"{name} is a {kind}"


def columns(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Whether the columns have their types, may be empty, and are written as statements say."""
    fields, table = own_columns(model), model._meta.db_table
    cursor.execute('SELECT name, type, "notnull", dflt_value, hidden FROM pragma_table_xinfo(%s)', [table])
    for name, kind, is_required, default, hidden in cursor.fetchall():
        field = fields.get(name)
        if field is None:
            continue
        wanted = str(field.db_type(cursor.db))
        if kind.lower() != wanted.lower():
            yield f"{table}.{name} is {kind} instead of {wanted}"
        if hidden in GENERATED:
            yield f"{table}.{name} is generated"
        elif default is not None:
            yield f"{table}.{name} has a default"
        if bool(is_required) == field.null:
            yield f"{table}.{name} {'must' if is_required else 'need'} not be empty"


def constraints(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Whether the constraints of the model are there and say what they should."""
    table = model._meta.db_table
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
    for (sql,) in cursor.fetchall():
        text = plain(sql)
        for name, wanted in wanted_constraints(cursor, model).items():
            if f"constraint{name}".lower() not in text:
                yield f"{table} lacks the constraint {name}"
            elif wanted not in text:
                yield f"the constraint {name} says something else"


def keys(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Keys are given one after the other, because there is one writer at a time."""
    return iter(())
