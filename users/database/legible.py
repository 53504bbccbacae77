"""
Columns that always read as text, whatever the database holds.

SQLite keeps any value in any column. Bytes in the place of a name would make every page and stream that reads the row
fail. Nobody can hide a changed text this way, because a signature covers the stored value.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col

from users.input.text import storable

decoded: Callable[[bytes], str] = methodcaller("decode", "utf-8", "replace")
"""The text of bytes, with U+FFFD for what is not UTF-8."""


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Prepare a new connection to read texts that are not UTF-8, which SQLite keeps as well."""
    if connection.vendor == "sqlite":
        connection.connection.text_factory = decoded


class _Legible:
    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()  # type: ignore[misc]  # the field's
        return name, f"django.db.models.{self.get_internal_type()}", args, kwargs  # type: ignore[attr-defined]

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        """PostgreSQL has nothing but text in these columns."""
        return [_shown] if connection.vendor == "sqlite" else []


class LegibleCharField(_Legible, models.CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A short text that reads as text whatever the database holds."""


class LegibleTextField(_Legible, models.TextField):  # type: ignore[type-arg]  # generic in the stubs only
    """A long text that reads as text whatever the database holds."""


def _shown(value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
    if isinstance(value, str):
        return value
    if value is None:  # a column has garbage, a subquery has no row
        return "" if isinstance(expression, Col) else None
    return storable(value)
