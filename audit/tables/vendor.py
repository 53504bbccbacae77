"""The interface between `audit.tables` and the module of each database vendor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

from audit.triggers.plain import plain


class Vendor(Protocol):
    """A module that reads the catalogue of one vendor. Its functions yield a sentence for each alteration."""

    def place(self, cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
        """Whether there is a table at this place, and nothing that changes what statements do or see."""

    def columns(self, cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
        """Whether the columns have their types, may be empty, and are written as statements say."""

    def constraints(self, cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
        """Whether the constraints of the model are there and say what they should."""

    def keys(self, cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
        """Whether keys are given one after the other, and none again."""


def wanted_constraints(cursor: CursorWrapper, model: type[Model]) -> Mapping[str, str]:
    """Return the constraints of a model by name, each in SQL as `plain` shows it."""
    editor = cursor.db.schema_editor(collect_sql=True)
    written = {each.name: str(each.constraint_sql(model, editor)) for each in model._meta.constraints}
    return {name: plain(sql) for name, sql in written.items()}


def own_columns(model: type[Model]) -> Mapping[str, Field[Any, Any]]:
    """Return the fields of a model's table by the names of their columns."""
    return {str(field.column): field for field in model._meta.local_concrete_fields}
