"""
Triggers with which the database enforces `audit.rules` against every writer; `refusals` translates their errors.

`migrate` removes them before it may alter their tables, and installs them again at its end. (To alter a column, SQLite
rebuilds the table, which silently drops its triggers and fails if a trigger names the table.) Neither step checks
existing rows. `audit.tables` compares the triggers there are with those of `plain` here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from audit.models import SchedulingNote, UserStateAudit
from audit.triggers import postgresql, sqlite
from audit.triggers.vendor import Tables, UserTable, Vendor
from users.models import UserFSM

VENDORS: dict[str, Vendor] = {"postgresql": postgresql, "sqlite": sqlite}


def supported(using: str) -> bool:
    """Whether there are triggers for this database vendor."""
    return connections[using].vendor in VENDORS


def has_tables(using: str) -> bool:
    """
    Whether this database has the tables of states and records, and with them the users' that they refer to.

    A table that still lacks a column that a trigger names, because it is only partly migrated, does not count.
    """
    models, connection = (UserFSM, UserStateAudit), connections[using]
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor))
        return {model._meta.db_table for model in models} <= names and all(_is_whole(cursor, model) for model in models)


def _is_whole(cursor: CursorWrapper, model: type[Model]) -> bool:
    """Whether the table of this model has all columns."""
    table = cursor.db.ops.quote_name(model._meta.db_table)
    cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")  # noqa: S608 - the name of a model's table
    columns = {column[0] for column in cursor.description}
    return all(field.column in columns for field in model._meta.concrete_fields)


def in_the_way_of(app_labels: set[str], *, using: str) -> bool:
    """Whether migrations of these apps may alter a table that a trigger names."""
    if connections[using].vendor == "sqlite":
        return bool(app_labels)  # an altered table is rebuilt, and the tables that refer to it may be as well
    return not app_labels.isdisjoint(model._meta.app_label for model in _models())


def install(using: str) -> None:
    """Install the triggers, unless they are already in place. Needs the owner of the tables."""
    if not missing(using):
        return
    vendor = VENDORS[connections[using].vendor]
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        tables = _tables(connections[using], cursor)
        vendor.lock(cursor, tables)
        if _differing(vendor, cursor, tables):  # another `migrate` may have been faster
            vendor.drop(cursor, _found(cursor))
            vendor.create(cursor, tables)


def remove(using: str) -> None:
    """Remove the triggers. Needs the owner of the tables."""
    if supported(using):
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            VENDORS[connections[using].vendor].drop(cursor, _found(cursor))


def missing(using: str) -> list[str]:
    """Return the names of triggers that are missing or differ from the code. Empty if the tables do not exist yet."""
    connection = connections[using]
    if not supported(using) or not has_tables(using):
        return []
    with connection.cursor() as cursor:
        return _differing(VENDORS[connection.vendor], cursor, _tables(connection, cursor))


@contextmanager
def lifted(using: str) -> Iterator[None]:
    """
    Remove the triggers for one transaction, for example to restore a dump. After an error everything is as before.

    Needs the owner of the tables. The tables stay locked until the block ends. Rows from the block are not checked.
    """
    with transaction.atomic(using=using):
        remove(using)
        yield
        # PostgreSQL cannot alter a table while its deferred constraints are pending.
        connections[using].check_constraints()
        install(using)


def _differing(vendor: Vendor, cursor: CursorWrapper, tables: Tables) -> list[str]:
    wanted, installed = vendor.wanted(tables), vendor.installed(cursor, tables)
    return sorted(name for name in wanted.keys() | installed.keys() if wanted.get(name) != installed.get(name))


def _tables(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> Tables:
    quote = connection.ops.quote_name
    states, records, steps, users, *heirs = (
        UserTable(quote(model._meta.db_table), quote(str(model._meta.pk.column))) for model in _models()
    )
    is_active = quote(str(get_user_model()._meta.get_field("is_active").column))
    is_there = SchedulingNote._meta.db_table in connection.introspection.table_names(cursor)
    names = Tables(states.name, records.name, users, is_active, steps.name if is_there else "", tuple(heirs))
    return VENDORS[connection.vendor].tables(cursor, names)


def _found(cursor: CursorWrapper) -> list[str]:
    """Return the quoted names of the tables with triggers, as far as they exist where this connection works."""
    names = set(cursor.db.introspection.table_names(cursor))
    return [cursor.db.ops.quote_name(table) for model in _models() if (table := model._meta.db_table) in names]


def _models() -> list[type[Model]]:
    """Return the models with triggers: states, records, steps, the one with `is_active`, and those below it."""
    user = get_user_model()._meta
    holder = user.get_field("is_active").model
    heirs = [step.from_opts.model for step in user.get_path_to_parent(holder)]
    return [UserFSM, UserStateAudit, SchedulingNote, holder, *heirs]
