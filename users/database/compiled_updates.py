"""
UPDATEs that Django builds once and that are sent with other values each time.

Django takes longer to build a statement with conditions than the database takes to run it. So the statements of every
login are kept: `Parameter` stands in a query where a value will be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Self, cast

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler


class Parameter(Expression):
    """A value that is given when the statement is sent, under this name."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    @classmethod
    def of(cls, model: type[models.Model], column: str, name: str = "") -> Self:
        """Return a parameter for a value of this column, by default under its name."""
        return cls(name or column, cast("models.Field[Any, Any]", model._meta.get_field(column)))

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return a placeholder, with this parameter in the place of its value."""
        return "%s", (self,)

    def to_database(self, values: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """Return the value of this parameter, prepared for this database."""
        return self.output_field.get_db_prep_value(values[self.name], connection)


@dataclass(frozen=True, slots=True)
class Update:
    """An UPDATE with parameters."""

    using: str
    sql: str
    parameters: tuple[Any, ...]

    @classmethod
    def prepared(cls, rows: QuerySet[Any], **columns: Any) -> Update:
        """Build the UPDATE of these columns of these rows, as `QuerySet.update` does."""
        query = cast("UpdateQuery", rows.query.chain(UpdateQuery))
        query.add_update_values(columns)
        sql, parameters = query.get_compiler(rows.db).as_sql()
        return cls(rows.db, sql, tuple(parameters))

    def send(self, **values: Any) -> int:
        """Send it with these values of its parameters, and return the number of rows that it has written."""
        connection = connections[self.using]
        with transaction.mark_for_rollback_on_error(using=self.using), connection.cursor() as cursor:
            cursor.execute(self.sql, self._parameters(values, connection))
            return int(cursor.rowcount)

    def send_with(self, row: models.Model, **values: Any) -> bool:
        """
        Send it and, if it has written its one row, insert this one too. Return whether it has.

        Both are committed together: by one statement on PostgreSQL, by a transaction elsewhere. The row gets its key.
        No signal is sent for it.
        """
        connection = connections[self.using]
        if connection.vendor != "postgresql":
            with transaction.atomic(using=self.using, savepoint=False):
                written = self.send(**values)
                if written:
                    type(row)._base_manager.using(self.using).bulk_create([row])
                return bool(written)
        fields, insertion = _insertion(type(row), self.using)
        inserted = [each.get_db_prep_save(each.pre_save(row, add=True), connection) for each in fields]
        sql, parameters = f"WITH written AS ({self.sql} RETURNING 1) {insertion}", self._parameters(values, connection)
        with transaction.mark_for_rollback_on_error(using=self.using), connection.cursor() as cursor:
            cursor.execute(sql, [*parameters, *inserted])
            key = cursor.fetchone()
        if key is not None:
            (row.pk,), row._state.adding, row._state.db = key, False, self.using
        return key is not None

    def _parameters(self, values: dict[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
        return [
            each.to_database(values, connection) if isinstance(each, Parameter) else each for each in self.parameters
        ]


@cache
def _insertion(model: type[models.Model], using: str) -> tuple[list[models.Field[Any, Any]], str]:
    """Return the fields of a new row, and the INSERT of their values if the UPDATE before it has written."""
    quote = connections[using].ops.quote_name
    key = model._meta.pk
    fields = [field for field in model._meta.concrete_fields if field is not key]
    columns = ", ".join(quote(cast("str", field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))  # without casts: PostgreSQL gives these values the types of their columns
    insertion = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) SELECT {places} FROM written"  # noqa: S608
    return fields, f"{insertion} RETURNING {quote(cast('str', key.column))}"
