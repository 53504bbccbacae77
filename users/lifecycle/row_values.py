"""A row without an instance, for rows that are written by the thousand."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, Self

from django.db import models


class RowValues(NamedTuple):
    """An unsaved row as its values. Django takes longer to build an instance than a database to insert the row."""

    model: type[models.Model]

    values: tuple[Any, ...]
    """In the order of `model._meta.concrete_fields`. A key that the database assigns is None."""

    @classmethod
    def of(cls, model: type[models.Model], **values: Any) -> Self:
        """Return a row of these values by the attributes of an instance, and of the defaults of the other fields."""
        return cls(model, tuple([values[name] if name in values else default() for name, default in _columns(model)]))


@cache
def _columns(model: type[models.Model]) -> list[tuple[str, Callable[[], Any]]]:
    """Return the attribute of each column, and the function that returns its default."""
    return [(field.attname, field.get_default) for field in model._meta.concrete_fields]
