"""
Triggers by which the database itself holds the rules of `audit.rules`, whoever writes.

`migrate` takes them off where it may alter their tables (SQLite rebuilds a table to alter a column, which drops its
triggers without a word and fails where a trigger names that table) and puts them on again at its end. Neither checks
the rows that are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from audit.models import UserStateAudit
from audit.triggers import postgresql, sqlite
from audit.triggers.vendor import Tables, Vendor
from users.models import UserFSM

VENDORS: dict[str, Vendor] = {"postgresql": postgresql, "sqlite": sqlite}


def supported(using: str) -> bool:
    """Whether there are triggers for this kind of database."""
    return connections[using].vendor in VENDORS


def has_tables(using: str) -> bool:
    """Whether the tables of states and records are in this database."""
    names = connections[using].introspection.table_names()
    return {UserFSM._meta.db_table, UserStateAudit._meta.db_table} <= set(names)


def in_the_way_of(app_labels: set[str], *, using: str) -> bool:
    """Whether migrations of these apps may alter a table that a trigger names."""
    if connections[using].vendor == "sqlite":
        return bool(app_labels)  # a table that is altered is rebuilt, and others that point to it may be
    return not app_labels.isdisjoint(model._meta.app_label for model in (UserFSM, UserStateAudit, get_user_model()))


def install(using: str) -> None:
    """Make the database hold the rules; where it does already, nothing happens. Needs the owner of the tables."""
    if not missing(using):
        return
    vendor = VENDORS[connections[using].vendor]
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        tables = _tables(connections[using], cursor)
        vendor.lock(cursor, tables)
        if _differing(vendor, cursor, tables):  # another `migrate` may have been quicker
            vendor.drop(cursor)
            vendor.create(cursor, tables)


def remove(using: str) -> None:
    """Take the triggers off. Needs the owner of the tables."""
    if supported(using):
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            VENDORS[connections[using].vendor].drop(cursor)


def missing(using: str) -> list[str]:
    """The names of triggers that are not there or not as `install` makes them; empty before the tables are there."""
    connection = connections[using]
    if not supported(using) or not has_tables(using):
        return []
    with connection.cursor() as cursor:
        return _differing(VENDORS[connection.vendor], cursor, _tables(connection, cursor))


@contextmanager
def lifted(using: str) -> Iterator[None]:
    """
    Take the triggers off for one transaction, for example to restore a dump; on error all is as before.

    Needs the owner of the tables. Nobody else reads or writes these meanwhile. The rows that come in are not checked.
    """
    with transaction.atomic(using=using):
        remove(using)
        yield
        # PostgreSQL alters no table while one of its deferred constraints has not been asked.
        connections[using].check_constraints()
        install(using)


def _differing(vendor: Vendor, cursor: CursorWrapper, tables: Tables) -> list[str]:
    wanted, installed = vendor.wanted(tables), vendor.installed(cursor, tables)
    return sorted(name for name in wanted.keys() | installed.keys() if wanted.get(name) != installed.get(name))


def _tables(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> Tables:
    names = (connection.ops.quote_name(model._meta.db_table) for model in (UserFSM, UserStateAudit))
    return VENDORS[connection.vendor].tables(cursor, *names)
