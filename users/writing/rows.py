"""Rows of one model as columns of values, which is how they go over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, Self, cast

from django.contrib.auth import get_user_model
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django_fsm import FSMField

SENT_AS_THEY_ARE = {
    models.CharField: str,
    models.TextField: str,
    FSMField: str,
    models.AutoField: int,
    models.BigAutoField: int,
    models.PositiveIntegerField: int,
}
"""Fields, not those that inherit from them, and the values that need no preparation: a column has thousands."""


class Column(NamedTuple):
    """A column of a model."""

    field: models.Field[Any, Any]

    name: str
    """Quoted."""

    kind: str
    """Its type in the database, without a length."""

    as_they_are: type | None
    """The type of values that need no preparation."""

    def values_of(self, instances: Sequence[models.Model], *, add: bool) -> list[Any]:
        """What the instances say, which are about to be inserted (`add`) or updated."""
        if type(self.field).pre_save is models.Field.pre_save:
            return list(map(attrgetter(self.field.attname), instances))
        return [self.field.pre_save(instance, add=add) for instance in instances]

    def to_database(self, values: Sequence[Any], connection: BaseDatabaseWrapper) -> list[Any]:
        """The values as this database takes them."""
        if {self.as_they_are}.issuperset(map(type, values)):
            return list(values)
        return [self.field.get_db_prep_save(value, connection) for value in values]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns of one table; one object for the same ones, so that SQL for them can be found by it."""

    table: str
    each: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Their quoted names."""
        return [column.name for column in self.each]


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of a table, and for each of them its values, one a row."""

    columns: Columns
    values: list[list[Any]]

    @classmethod
    def to_insert(cls, instances: Sequence[models.Model], *, using: str) -> Self | None:
        """Unsaved rows, all of one model, or None where only Django's `bulk_create` can insert them."""
        model = type(instances[0])
        if not _is_plain(model, using):
            return None
        columns = _inserted(model, using, key=any(row.pk is not None for row in instances))
        values = [column.values_of(instances, add=True) for column in columns.each]
        if any(hasattr(kind, "as_sql") for kind in set(map(type, chain.from_iterable(values)))):
            return None
        return cls(columns, values)

    @classmethod
    def to_update(cls, instances: Sequence[models.Model], names: tuple[str, ...], *, using: str) -> Self:
        """The fields with these names, and at last the key, of rows that exist, all of one model."""
        columns = columns_of(type(instances[0]), (*names, "pk"), using)
        return cls(columns, [column.values_of(instances, add=False) for column in columns.each])

    def values_of(self, name: str) -> list[Any]:
        """The values of the field with this name."""
        names = [column.field.name for column in self.columns.each]
        return self.values[names.index(name)]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.values[0])


@cache
def columns_of(model: type[models.Model], names: tuple[str, ...], using: str) -> Columns:
    """The columns of the fields with these names; `pk` is the key's."""
    fields = [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in names]
    return _columns(model, cast("list[models.Field[Any, Any]]", fields), using)


@cache
def mirror(using: str) -> tuple[str, str, str]:
    """Where `is_active` is: the names of the table, of the column, and of that of the key."""
    # Where the user model inherits its table, the parent's, which has the same key.
    columns = columns_of(get_user_model()._meta.get_field("is_active").model, ("is_active", "pk"), using)
    is_active, key = columns.names
    return columns.table, is_active, key


@cache
def _inserted(model: type[models.Model], using: str, *, key: bool) -> Columns:
    """The columns of an INSERT, with a key that the database makes only where it is asked for."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    return _columns(model, [field for field in fields if key or not isinstance(field, models.AutoField)], using)


@cache
def _is_plain(model: type[models.Model], using: str) -> bool:
    """Whether all its values can be bound, alone or in an array; the rule is that of Django's own `unnest`."""
    known = connections[using].data_types
    fields = [getattr(field, "target_field", field) for field in model._meta.concrete_fields]
    plain = all(field.get_internal_type() in known and not hasattr(field, "get_placeholder") for field in fields)
    return plain and not model._meta.parents


def _columns(model: type[models.Model], fields: Sequence[models.Field[Any, Any]], using: str) -> Columns:
    quote = connections[using].ops.quote_name
    return Columns(str(quote(model._meta.db_table)), tuple(_column(field, using) for field in fields))


def _column(field: models.Field[Any, Any], using: str) -> Column:
    connection = connections[using]
    name = str(connection.ops.quote_name(cast("str", field.column)))
    kind = str(field.db_type(connection)).partition("(")[0]
    to_another = type(field) in (models.ForeignKey, models.OneToOneField)
    stored = getattr(field, "target_field") if to_another else field  # noqa: B009 - not of every field
    return Column(field, name, kind, SENT_AS_THEY_ARE.get(type(stored)))
