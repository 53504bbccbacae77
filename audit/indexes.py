"""Index classes that Django lacks."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models.expressions import ExpressionList, F, Func
from django.db.models.sql import Query


class PrefixIndex(models.Index):
    """
    An index for case-insensitive prefixes, for the lookups `istartswith` and `iexact`.

    On PostgreSQL these compare `UPPER(column)`, and only the operator class `text_pattern_ops` serves LIKE in every
    locale. On SQLite they use LIKE, which only an index with the collation NOCASE serves.
    """

    templates = {
        "postgresql": "UPPER(%(expressions)s) text_pattern_ops",
        "sqlite": "%(expressions)s COLLATE NOCASE",
    }

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        template = self.templates.get(schema_editor.connection.vendor, "UPPER(%(expressions)s)")
        expressions = ExpressionList(*(Func(F(name), template=template) for name in self.fields))
        resolved = expressions.resolve_expression(Query(model, alias_cols=False))
        statement: Statement = schema_editor._create_index_sql(  # type: ignore[attr-defined]  # noqa: SLF001
            model, name=self.name, using=using, expressions=resolved, **kwargs
        )
        return statement


class KindsIndex(models.Index):
    """
    An index of columns with few values each, on PostgreSQL, which keeps equal entries once: it stays small.

    SQLite, which plans without knowing the rows, would read half the table by it where a walk back in time is short.
    There it contains nothing.
    """

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        statement: Statement = super().create_sql(model, schema_editor, using, **kwargs)
        if schema_editor.connection.vendor == "sqlite":
            statement.parts["condition"] = " WHERE 0"  # type: ignore[assignment]
        return statement
