"""
Declared maintenance: the only time in which records are deleted.

On PostgreSQL it is the setting `audit.maintenance` of the transaction. Any role can set it, so the triggers heed it
only for a role that has the privileges of the tables' owner, who could as well drop the triggers. On SQLite it is a
function that Django's connections carry and other programs do not: in those, every DELETE is an error.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from audit import conf, context
from audit.models import UserStateAudit
from users.input.text import storable

logger = logging.getLogger("audit")

SQLITE_FUNCTION = "audit_maintenance_declared"
_declared: WeakSet[BaseDatabaseWrapper] = WeakSet()


@contextmanager
def declared(reason: str, *, using: str | None = None) -> Iterator[None]:
    """
    Let records be deleted within this block, which is one transaction, and log why, and who says so.

    `reason` is a text for the log, `using` the alias of the database (by default that of the records). Raises
    `ValueError` without a reason. On PostgreSQL it takes a role with the privileges of the tables' owner; for others
    the database goes on refusing.
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
    """Make a new connection ready to declare maintenance, and let `AUDIT_RECORDS_DELETABLE` count on it."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            SQLITE_FUNCTION, 0, lambda: conf.records_deletable() or connection in _declared
        )
    elif connection.vendor == "postgresql" and conf.records_deletable():
        _tell_session(connection)


def follow_setting(setting: str, **kwargs: object) -> None:
    """`setting_changed`, which tests send: let open connections know of `AUDIT_RECORDS_DELETABLE`."""
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
    # Not after an error: the rollback takes the setting back.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.maintenance', %s, true)", [before or ""])


def _tell_session(connection: BaseDatabaseWrapper) -> None:
    value = "AUDIT_RECORDS_DELETABLE" if conf.records_deletable() else ""
    # The driver's cursor: this is no query of the test that may not use the database.
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.maintenance', %s, false)", [value])
