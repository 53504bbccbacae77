"""
Keyset paging in any order: a page is found by the row at which the one before ended, not by its number.

Every page therefore costs the same, and nothing is counted. The row is named by its key alone, so no address contains
what it is sorted by, such as a name. Rows without a value in the first column of the order come last, in both
directions. The rows with a value can then be read from an index, even if the column is in another table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Field, Model, OrderBy, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP

Rows = QuerySet[Any, Any]


class Page(NamedTuple):
    """Some rows in order, and whether there are others before and after them."""

    rows: list[Any]
    before: bool
    after: bool


class Column(NamedTuple):
    """A column of an order."""

    name: str
    descending: bool
    nullable: bool

    def by(self, *, backwards: bool) -> OrderBy:
        """Return the expression to order by."""
        descending = self.descending != backwards
        nulls: dict[str, Any] = {}
        if self.nullable:
            nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return OrderBy(F(self.name), descending=descending, **nulls)

    def beyond(self, value: Any, *, backwards: bool) -> Q | None:
        """Return the condition for rows after this value in the order; None if there are none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else None
        later = Q(**{f"{self.name}__{'lt' if self.descending != backwards else 'gt'}": value})
        return later | Q(**{f"{self.name}__isnull": True}) if self.nullable and not backwards else later

    def same(self, value: Any) -> Q:
        """Return the condition for the same value."""
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def not_before(self, value: Any, *, backwards: bool) -> Q:
        """Return the condition with which an index can start."""
        return Q(**{f"{self.name}__{'lte' if self.descending != backwards else 'gte'}": value})


@dataclass(frozen=True, slots=True)
class Keyset:
    """Rows in an order that ends with a key, in pages of a size."""

    rows: Rows
    everybody: Rows
    """All rows, including those that do not match. A page may begin after a row that no longer matches."""

    columns: Sequence[Column]
    size: int

    @classmethod
    def of(cls, rows: Rows, ordering: Sequence[Any], size: int, *, everybody: Rows) -> Keyset | None:
        """Return the pages of these rows, or None if the order is not by columns, such as a random one."""
        columns, aliases = [], dict[str, Any]()
        for number, each in enumerate(ordering):
            column = _column(rows.model, each, f"_order_{number}", aliases)
            if column is None:
                return None
            columns.append(column)
            if column.name == "pk" or _is_key(rows.model, column.name):
                break
        else:
            columns.append(Column("pk", descending=True, nullable=False))
        return cls(rows.alias(**aliases), everybody.annotate(**aliases), columns, size)

    def first(self) -> Page:
        """Return the first page."""
        found = self._read(None, backwards=False)
        return Page(found[: self.size], before=False, after=len(found) > self.size)

    def last(self) -> Page:
        """Return the last page."""
        found = self._read(None, backwards=True)
        return Page(found[: self.size][::-1], before=len(found) > self.size, after=False)

    def after(self, key: Any) -> Page | None:
        """Return the page after the row with this key, or None if there is no such row."""
        place = self._place(key)
        if place is None:
            return None
        found = self._read(place, backwards=False)
        return Page(found[: self.size], before=True, after=len(found) > self.size)

    def before(self, key: Any) -> Page | None:
        """Return the page before the row with this key, or None if there is no such row."""
        place = self._place(key)
        if place is None:
            return None
        found = self._read(place, backwards=True)
        return Page(found[: self.size][::-1], before=len(found) > self.size, after=True)

    def _place(self, key: Any) -> tuple[Any, ...] | None:
        """Return the values by which the row with this key is ordered."""
        names = [column.name for column in self.columns]
        return self.everybody.order_by().filter(pk=key).values_list(*names).first()

    def _read(self, place: tuple[Any, ...] | None, *, backwards: bool) -> list[Any]:
        found: list[Any] = []
        for part in self._parts(place, backwards=backwards):
            found += part[: self.size + 1 - len(found)]
            if len(found) > self.size:
                break
        return found

    def _parts(self, place: tuple[Any, ...] | None, *, backwards: bool) -> Iterator[Rows]:
        """Yield the rows with a value in the first column, and then those without one, or the other way round."""
        lead, *others = self.columns
        if not lead.nullable:
            yield self._ordered(self.columns, place, backwards=backwards)
            return
        with_value = self.rows.filter(**{f"{lead.name}__isnull": False})
        columns = [lead._replace(nullable=False), *others]
        parts = [_Part(with_value, columns), _Part(self.rows.filter(**{f"{lead.name}__isnull": True}), others, 1)]
        if backwards:
            parts.reverse()
        for part in parts:
            if place is None:
                yield self._ordered(part.columns, None, backwards=backwards, rows=part.rows)
            elif (place[0] is None) == bool(part.skipped):
                yield self._ordered(part.columns, place[part.skipped :], backwards=backwards, rows=part.rows)
                place = None  # the next part is read from its beginning
            # else: this part is behind the place

    def _ordered(
        self,
        columns: Sequence[Column],
        place: tuple[Any, ...] | None,
        *,
        backwards: bool,
        rows: Rows | None = None,
    ) -> Rows:
        found = self.rows if rows is None else rows
        if place is not None:
            found = found.filter(_beyond(columns, place, backwards=backwards))
        return found.order_by(*(column.by(backwards=backwards) for column in columns))


@dataclass(frozen=True, slots=True)
class _Part:
    rows: Rows
    columns: Sequence[Column]
    skipped: int = field(default=0)
    """How many columns of the order have no value in this part."""


def _beyond(columns: Sequence[Column], place: Sequence[Any], *, backwards: bool) -> Q:
    """Return the condition for rows that come after this place in the order."""
    found, same = Q(pk__in=[]), Q()
    for column, value in zip(columns, place, strict=True):
        later = column.beyond(value, backwards=backwards)
        if later is not None:
            found |= same & later
        same &= column.same(value)
    lead, value = columns[0], place[0]
    if lead.nullable or value is None:
        return found
    return lead.not_before(value, backwards=backwards) & found


def _column(model: type[Model], each: Any, alias: str, aliases: dict[str, Any]) -> Column | None:
    """Return the column of an item of `order_by`; an expression becomes an alias."""
    descending = False
    if isinstance(each, str):
        descending, each = each.startswith("-"), each.removeprefix("-").removeprefix("+")
        if each == "?":
            return None
        return _of_path(model, each, descending=descending)
    if isinstance(each, OrderBy):
        if each.nulls_first or each.nulls_last:
            return None
        descending, each = each.descending, each.expression
    if isinstance(each, F):
        return _of_path(model, getattr(each, "name"), descending=descending)  # noqa: B009 - not in the stubs
    aliases[alias] = each
    return Column(alias, descending=descending, nullable=True)


def _of_path(model: type[Model], path: str, *, descending: bool) -> Column | None:
    """Return the column at this path, or None for a path to a row, whose order is its model's own."""
    if path == "pk":
        return Column(path, descending=descending, nullable=False)
    if LOOKUP_SEP in path:
        return Column(path, descending=descending, nullable=True)
    try:
        found = model._meta.get_field(path)
    except FieldDoesNotExist:  # an annotation
        return Column(path, descending=descending, nullable=True)
    if not isinstance(found, Field) or (found.remote_field and path == found.name):
        return None
    return Column(path, descending=descending, nullable=bool(found.null))


def _is_key(model: type[Model], name: str) -> bool:
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return bool(getattr(found, "unique", False)) and not found.null
