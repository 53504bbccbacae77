"""
Declared maintenance, the only time when records can be deleted.

On PostgreSQL it is a setting of the transaction, `audit.maintenance`. Any role can set it, so the triggers accept it
only from a role with the privileges of the tables' owner, who could drop the triggers anyway. On SQLite it is a
function that only Django's connections have. In other programs every DELETE is an error.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from audit import context
from audit.conf import conf
from audit.models import UserStateAudit
from users.input.text import storable

logger = logging.getLogger("audit")

SQLITE_FUNCTION = "audit_maintenance_declared"
_declared: WeakSet[BaseDatabaseWrapper] = WeakSet()


@contextmanager
def declared(reason: str, *, using: str | None = None) -> Iterator[None]:
    """
    Allow records to be deleted within this block, which is one transaction, and log the reason and the actor.

    `using` is the alias of the database, by default that of the records. Raises `ValueError` without a reason. On
    PostgreSQL it needs a role with the privileges of the tables' owner; the database refuses others as always.
    """
    if not reason.strip():
        raise ValueError("maintenance of the record needs a reason")
    using = using or router.db_for_write(UserStateAudit)
    connection = connections[using]
    declared_on = _declared_on_sqlite if connection.vendor == "sqlite" else _declared_on_postgresql
    with transaction.atomic(using=using), declared_on(connection, storable(reason)):
        logger.info(json.dumps({"maintenance": storable(reason), "initiated_by": context.actor().name}))
        yield


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Prepare a new connection for declared maintenance and for `AUDIT_RECORDS_DELETABLE`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            SQLITE_FUNCTION, 0, lambda: conf.records_deletable or connection in _declared
        )
    elif connection.vendor == "postgresql" and conf.records_deletable:
        _tell_session(connection)


def follow_setting(setting: str, **kwargs: object) -> None:
    """`setting_changed`, which tests send: tell open connections about `AUDIT_RECORDS_DELETABLE`."""
    if setting != "AUDIT_RECORDS_DELETABLE":
        return
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "postgresql" and connection.connection is not None and connection.is_usable():
            _tell_session(connection)


@contextmanager
def _declared_on_sqlite(connection: BaseDatabaseWrapper, reason: str) -> Iterator[None]:
    outermost = connection not in _declared
    _declared.add(connection)
    try:
        yield
    finally:
        if outermost:
            _declared.discard(connection)


@contextmanager
def _declared_on_postgresql(connection: BaseDatabaseWrapper, reason: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('audit.maintenance', true)")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('audit.maintenance', %s, true)", [reason])
    yield
    # Not needed after an error, because the rollback resets the setting.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.maintenance', %s, true)", [before or ""])


def _tell_session(connection: BaseDatabaseWrapper) -> None:
    value = "AUDIT_RECORDS_DELETABLE" if conf.records_deletable else ""
    # Uses the driver's cursor, because tests without database access refuse Django's.
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.maintenance', %s, false)", [value])
