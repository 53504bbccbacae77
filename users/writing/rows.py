"""Rows of one model as columns of values, which is how they go over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Self, cast

from django.contrib.auth import get_user_model
from django.db import connections, models


class Column(NamedTuple):
    """A column of a model: its field, its quoted name, and its type without a length."""

    field: models.Field[Any, Any]
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of a table, and for each of them its values, one a row."""

    table: str
    columns: tuple[Column, ...]
    values: list[list[Any]]

    @classmethod
    def to_insert(cls, instances: Sequence[models.Model], *, using: str) -> Self | None:
        """Unsaved rows, all of one model, or None where only Django's `bulk_create` can insert them."""
        model = type(instances[0])
        if not _is_plain(model, using):
            return None
        columns = _inserted(model, using, key=any(row.pk is not None for row in instances))
        values = [[column.field.pre_save(row, add=True) for row in instances] for column in columns]
        if any(hasattr(kind, "as_sql") for kind in {type(value) for each in values for value in each}):
            return None
        return cls(table(model, using), columns, values)

    @classmethod
    def to_update(cls, instances: Sequence[models.Model], names: tuple[str, ...], *, using: str) -> Self:
        """The fields with these names, and at last the key, of rows that exist, all of one model."""
        model = type(instances[0])
        columns = columns_of(model, (*names, "pk"), using)
        values = [[column.field.pre_save(row, add=False) for row in instances] for column in columns]
        return cls(table(model, using), columns, values)

    def values_of(self, name: str) -> list[Any]:
        """The values of the field with this name."""
        return next(
            values for column, values in zip(self.columns, self.values, strict=True) if column.field.name == name
        )

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.values[0])


@cache
def table(model: type[models.Model], using: str) -> str:
    """The quoted name of a model's table."""
    return str(connections[using].ops.quote_name(model._meta.db_table))


@cache
def columns_of(model: type[models.Model], names: tuple[str, ...], using: str) -> tuple[Column, ...]:
    """The columns of the fields with these names; `pk` is the key's."""
    fields = [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in names]
    return tuple(_column(cast("models.Field[Any, Any]", field), using) for field in fields)


@cache
def mirror(using: str) -> tuple[str, Column, Column]:
    """Where `is_active` is: the table, the column, and that of the key."""
    # Where the user model inherits its table, the parent's, which has the same key.
    owner = get_user_model()._meta.get_field("is_active").model
    is_active, key = columns_of(owner, ("is_active", "pk"), using)
    return table(owner, using), is_active, key


@cache
def _inserted(model: type[models.Model], using: str, *, key: bool) -> tuple[Column, ...]:
    """The columns of an INSERT, with a key that the database makes only where it is asked for."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    return tuple(_column(field, using) for field in fields if key or not isinstance(field, models.AutoField))


@cache
def _is_plain(model: type[models.Model], using: str) -> bool:
    """Whether all its values can be bound, alone or in an array; the rule is that of Django's own `unnest`."""
    known = connections[using].data_types
    fields = [getattr(field, "target_field", field) for field in model._meta.concrete_fields]
    plain = all(field.get_internal_type() in known and not hasattr(field, "get_placeholder") for field in fields)
    return plain and not model._meta.parents


def _column(field: models.Field[Any, Any], using: str) -> Column:
    connection = connections[using]
    name = str(connection.ops.quote_name(cast("str", field.column)))
    return Column(field, name, str(field.db_type(connection)).partition("(")[0])
