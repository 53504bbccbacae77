"""Index classes that Django lacks."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.migrations.operations.base import Operation
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
    An index of columns with few values each, on PostgreSQL. It stays small, because equal entries are kept once.

    On SQLite it is empty. SQLite plans without knowing the rows, and would read half the table by this index where a
    walk back in time is short.
    """

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        statement: Statement = super().create_sql(model, schema_editor, using, **kwargs)
        if schema_editor.connection.vendor == "sqlite":
            statement.parts["condition"] = " WHERE 0"  # type: ignore[assignment]
        return statement


class AddTrigramIndex(Operation):
    """
    An index for `icontains`, where PostgreSQL has the extension `pg_trgm` or lets it be created.

    It is not among the model's indexes, because it is missing elsewhere, and only speed depends on it.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, column: str, *, name: str) -> None:
        self.model_name, self.column, self.name = model_name, column, name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state has no such index."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        connection = schema_editor.connection
        if connection.vendor != "postgresql" or not self.allow_migrate_model(connection.alias, model):
            return
        schema = "public" if schema_editor.collect_sql else schema_of_trigrams(connection)
        if schema is None:
            return
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"CREATE INDEX IF NOT EXISTS {quote(self.name)} ON {quote(model._meta.db_table)} "
            f"USING gin (UPPER({quote(self.column)}) {quote(schema)}.gin_trgm_ops)"
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(self.name)}")

    def describe(self) -> str:
        return f"Create index {self.name} of trigrams, where that is possible"


def schema_of_trigrams(connection: BaseDatabaseWrapper) -> str | None:
    """Return the schema of the extension `pg_trgm`, created if need be; None where it is neither there nor allowed."""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:  # not installed on the server, or this role may not
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
            "WHERE extname = 'pg_trgm'"
        )
        found: tuple[str] | None = cursor.fetchone()
    return found[0] if found else None
