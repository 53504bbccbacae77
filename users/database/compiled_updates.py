"""
UPDATEs that Django builds once and that are sent with other values each time.

Django takes longer to build a statement with conditions than the database takes to run it. So the statements of every
login are kept: `Parameter` stands in a query where a value will be.
"""

from __future__ import annotations

from dataclasses import dataclass
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
        parameters = [
            each.to_database(values, connection) if isinstance(each, Parameter) else each for each in self.parameters
        ]
        with transaction.mark_for_rollback_on_error(using=self.using), connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return int(cursor.rowcount)
