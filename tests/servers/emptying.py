"""
Empties the tables after a test that commits.

Django's `flush` truncates every table on PostgreSQL and makes content types and permissions anew, which takes longer
than most tests. Here the rows are deleted, and what `migrate` made stays. After a test that changed it, `flush` does
the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import pytest
from django.db import connections, transaction
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

MADE_BY_MIGRATE = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Have the databases made, and the rows deleted from then on."""
    with django_db_blocker.unblock():
        for alias in connections:
            _first_counts(alias)
    with patch.object(TransactionTestCase, "_fixture_teardown", _empty):
        yield
    with django_db_blocker.unblock():
        for alias in connections:
            _end_other_sessions(alias)


def _end_other_sessions(alias: str) -> None:
    """End the sessions of threads that are still there, such as asgiref's: PostgreSQL drops no database in use."""
    if connections[alias].vendor == "postgresql":
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def _empty(case: TransactionTestCase) -> None:
    aliases = list(case._databases_names(include_mirrors=False))  # type: ignore[attr-defined]
    if all(_is_as_migrated(alias) for alias in aliases):
        for alias in aliases:
            _delete_rows(alias)
    else:
        _flush(case)


def _delete_rows(alias: str) -> None:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        for statement in _deletes(alias):
            cursor.execute(statement)


@cache
def _deletes(alias: str) -> tuple[str, ...]:
    """One statement for each table. Django's foreign keys are checked at COMMIT, so their order does not matter."""
    connection = connections[alias]
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    deletes = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables if table not in MADE_BY_MIGRATE]
    return ("; ".join(deletes),) if connection.vendor == "postgresql" else tuple(deletes)


def _is_as_migrated(alias: str) -> bool:
    return _counts(alias) == _first_counts(alias)


@cache
def _first_counts(alias: str) -> tuple[int, ...]:
    return _counts(alias)


def _counts(alias: str) -> tuple[int, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'(SELECT count(*) FROM {table})' for table in MADE_BY_MIGRATE)}")
        return tuple(cursor.fetchone())
