"""
Indexes for finding people by their name or address without regard to case.

Identity providers, password resets and logins by address compare so (`iexact`), and no index of Django's own serves
that: each such request read the whole table of users, also when a stranger sent it. The user model belongs to another
app, so the indexes are made after `migrate` and not by a migration.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

from users.conf import conf

EXPRESSIONS = {"postgresql": "UPPER({column}::text)", "sqlite": "{column} COLLATE NOCASE"}
"""What `iexact` compares on each database."""


def index(*, using: str) -> None:
    """Make the indexes that are missing in this database."""
    connection = connections[using]
    for field in _fields(using):
        if not _exists(connection, _name(field)):
            _make(connection, field)


def drop(*, using: str) -> None:
    """Take the indexes away again."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for field in _fields(using):
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(_name(field))}")


def _fields(using: str) -> list[Any]:
    """The columns of text with which people are looked for, in this database."""
    model = get_user_model()
    if connections[using].vendor not in EXPRESSIONS or not router.allow_migrate_model(using, model):
        return []
    names = {model.USERNAME_FIELD, model.get_email_field_name(), *conf.login_fields}
    fields = [field for name in sorted(names) if (field := _field(name)) is not None]
    tables = connections[using].introspection.table_names()
    return [field for field in fields if field.model._meta.db_table in tables]


def _field(name: str) -> Any:
    try:
        field = get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    is_ours = isinstance(field, (models.CharField, models.TextField)) and field.model._meta.managed
    return field if is_ours else None


def _name(field: Any) -> str:
    return f"user_lifecycle_{field.column}_folded"[:63]


def _exists(connection: BaseDatabaseWrapper, name: str) -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [connection.ops.quote_name(name)])
        else:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = %s)", [name])
        return bool(cursor.fetchone()[0])


def _make(connection: BaseDatabaseWrapper, field: Any) -> None:
    quote = connection.ops.quote_name
    table, expression = quote(field.model._meta.db_table), EXPRESSIONS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {quote(_name(field))} ON {table} "
            f"({expression.format(column=quote(field.column))})"
        )
        if connection.vendor == "postgresql":
            # Without figures for the expression, it expects every two hundredth row and reads in the order of keys.
            # They are collected only where no columns are named.
            cursor.execute(f"ANALYZE {table}")
