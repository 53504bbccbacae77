"""Rows of one model as columns of values, the form in which they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple, Self, cast

from django.contrib.auth import get_user_model
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django_fsm import FSMField

from users.actors import ActorKind, ActorName
from users.causes import Cause
from users.database.legible import LegibleCharField, LegibleTextField
from users.database.moments import MomentField
from users.states import State

_TEXT = frozenset[type]((str, State, Cause, ActorKind, ActorName, NoneType))
_NUMBER = frozenset[type]((int, NoneType))

SENT_AS_THEY_ARE = {
    models.CharField: _TEXT,
    models.TextField: _TEXT,
    LegibleCharField: _TEXT,
    LegibleTextField: _TEXT,
    FSMField: _TEXT,
    models.AutoField: _NUMBER,
    models.BigAutoField: _NUMBER,
    models.PositiveIntegerField: _NUMBER,
    models.DateTimeField: frozenset[type]((NoneType,)),
    MomentField: frozenset[type]((NoneType,)),
}
"""Exact field classes, and the types of values that they pass on unchanged. This covers nearly all values."""

_WITHOUT_LENGTH = {"char": "bpchar", "character": "bpchar"}
"""Types that have a length of one if they are named without a length, and their names without any limit."""


class Column(NamedTuple):
    """A column of a model."""

    field: models.Field[Any, Any]

    name: str
    """The quoted name."""

    kind: str
    """Its type in the database, without a length."""

    as_they_are: frozenset[type]
    """The types of values that need no preparation."""

    def to_database(self, values: Sequence[Any], connection: BaseDatabaseWrapper) -> Sequence[Any]:
        """Return the values prepared for this database."""
        if self.as_they_are.issuperset(map(type, values)):
            return values
        first = values[0]
        if all(value is first for value in values):
            return [self.field.get_db_prep_save(first, connection)] * len(values)
        return [self.field.get_db_prep_save(value, connection) for value in values]

    def says_one_thing(self, values: Sequence[Any]) -> bool:
        """Whether all values are the same in the database. `==` is not enough, because 1 and True are equal."""
        first = values[0]
        if values.count(first) < len(values):
            return False
        return self.as_they_are.issuperset(map(type, values)) or all(value is first for value in values)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns of one table. Equal columns are the same object, so that SQL can be cached by it."""

    table: str
    each: tuple[Column, ...]
    names: tuple[str, ...]
    """The quoted names."""

    places: tuple[int, ...]
    """The indexes of the columns in `model._meta.concrete_fields`."""

    read: Callable[[models.Model], tuple[Any, ...]]
    """Reads the values of an instance."""

    computed: tuple[int, ...]
    """The indexes of the columns that their fields compute themselves."""

    def values_of(self, instances: Sequence[models.Model], *, add: bool) -> list[Sequence[Any]]:
        """Return the values of instances to be inserted (`add`) or updated."""
        values: list[Sequence[Any]] = list(zip(*map(self.read, instances), strict=True))
        for index in self.computed:
            values[index] = [self.each[index].field.pre_save(instance, add=add) for instance in instances]
        return values


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of a table, each with one value per row."""

    columns: Columns
    values: list[Sequence[Any]]

    @classmethod
    def to_insert(cls, instances: Sequence[models.Model], *, using: str) -> Self | None:
        """Return unsaved rows of one model, or None if only Django's `bulk_create` can insert them."""
        model = type(instances[0])
        with_key = {row.pk is not None for row in instances}
        # Django checks whether a related object has been saved since, or has no key.
        pointing = any(row._state.fields_cache for row in instances)
        if pointing or len(with_key) > 1 or not _is_plain(model, using):
            return None
        columns = _inserted(model, using, key=with_key.pop())
        values = columns.values_of(instances, add=True)
        return None if _has_expressions(values) else cls(columns, values)

    @classmethod
    def of_values(cls, model: type[models.Model], rows: Sequence[tuple[Any, ...]], *, using: str) -> Self | None:
        """Return unsaved rows given by the values of all their columns, or None if they need to be instances."""
        every = list(zip(*rows, strict=True))
        with_key = {key is not None for key in every[_place_of_key(model)]}
        if len(with_key) > 1 or not _is_plain(model, using):
            return None
        columns = _inserted(model, using, key=with_key.pop())
        if columns.computed or _has_expressions(every):
            return None
        return cls(columns, [every[place] for place in columns.places])

    @classmethod
    def to_update(cls, instances: Sequence[models.Model], names: tuple[str, ...], *, using: str) -> Self:
        """Return the fields with these names, and then the key, of existing rows of one model."""
        columns = columns_of(type(instances[0]), (*names, "pk"), using)
        return cls(columns, columns.values_of(instances, add=False))

    def the_one_to_database(self, connection: BaseDatabaseWrapper) -> list[Any]:
        """Return the values of a single row, prepared for this database."""
        # What `to_database` does, in a third of the time, because most units of work have one row of each kind.
        return [
            value if type(value) in column.as_they_are else column.field.get_db_prep_save(value, connection)
            for column, (value,) in zip(self.columns.each, self.values, strict=True)
        ]

    def each_to_database(self, connection: BaseDatabaseWrapper) -> list[tuple[Any, ...]]:
        """Return the rows one by one, prepared for this database."""
        if self.count == 1:
            return [tuple(self.the_one_to_database(connection))]
        columns = zip(self.columns.each, self.values, strict=True)
        return list(zip(*(column.to_database(values, connection) for column, values in columns), strict=True))

    def values_of(self, name: str) -> Sequence[Any]:
        """Return the values of the field with this name."""
        names = [column.field.name for column in self.columns.each]
        return self.values[names.index(name)]

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.values[0])


def _has_expressions(values: Iterable[Sequence[Any]]) -> bool:
    kinds = set(map(type, chain.from_iterable(values)))
    return any(hasattr(kind, "as_sql") for kind in kinds.difference(_TEXT, _NUMBER))


@cache
def _place_of_key(model: type[models.Model]) -> int:
    """Return the index of the key in `model._meta.concrete_fields`."""
    return list(model._meta.concrete_fields).index(model._meta.pk)


@cache
def columns_of(model: type[models.Model], names: tuple[str, ...], using: str) -> Columns:
    """Return the columns of the fields with these names; `pk` is the key."""
    fields = [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in names]
    return _columns(model, cast("list[models.Field[Any, Any]]", fields), using)


@cache
def mirror(using: str) -> tuple[str, str, str]:
    """Return the names of the table, the column and the key column of `is_active`."""
    # If the user model inherits the column, it is in the parent's table, which has the same key.
    columns = columns_of(get_user_model()._meta.get_field("is_active").model, ("is_active", "pk"), using)
    is_active, key = columns.names
    return columns.table, is_active, key


@cache
def _inserted(model: type[models.Model], using: str, *, key: bool) -> Columns:
    """Return the columns of an INSERT, with a database-generated key only if `key` is set."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    return _columns(model, [field for field in fields if key or not isinstance(field, models.AutoField)], using)


@cache
def _is_plain(model: type[models.Model], using: str) -> bool:
    """Whether all its values can be bound, alone or in an array. Django uses the same rule for `unnest`."""
    known = connections[using].data_types
    fields = [getattr(field, "target_field", field) for field in model._meta.concrete_fields]
    plain = all(field.get_internal_type() in known and not hasattr(field, "get_placeholder") for field in fields)
    return plain and not model._meta.parents


def _columns(model: type[models.Model], fields: Sequence[models.Field[Any, Any]], using: str) -> Columns:
    quote = connections[using].ops.quote_name
    read = attrgetter(*(field.attname for field in fields))
    each = tuple(_column(field, using) for field in fields)
    every = list(model._meta.concrete_fields)
    return Columns(
        table=str(quote(model._meta.db_table)),
        each=each,
        names=tuple(column.name for column in each),
        places=tuple(every.index(field) for field in fields),
        read=read if len(fields) > 1 else lambda instance: (read(instance),),
        computed=tuple(index for index, field in enumerate(fields) if _is_computed(field)),
    )


def _column(field: models.Field[Any, Any], using: str) -> Column:
    connection = connections[using]
    to_another = type(field) in (models.ForeignKey, models.OneToOneField)
    stored = getattr(field, "target_field") if to_another else field  # noqa: B009 - not of every field
    kind = str(field.db_type(connection)).partition("(")[0]
    return Column(
        field=field,
        name=str(connection.ops.quote_name(cast("str", field.column))),
        kind=_WITHOUT_LENGTH.get(kind, kind),
        as_they_are=SENT_AS_THEY_ARE.get(type(stored), frozenset[type]()),
    )


def _is_computed(field: models.Field[Any, Any]) -> bool:
    if type(field).pre_save in (models.DateField.pre_save, models.DateTimeField.pre_save, models.TimeField.pre_save):
        return bool(getattr(field, "auto_now") or getattr(field, "auto_now_add"))  # noqa: B009 - not of every field
    return type(field).pre_save is not models.Field.pre_save
