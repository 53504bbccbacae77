"""The database for pages that only show the audit trail: a standby if there is one, with the time of its data."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import NamedTuple
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from audit.conf import conf
from audit.integrity.kept.place import here
from audit.models import RecordRead, RefusedTransition, SchedulingNote, UserStateAudit

logger = logging.getLogger("user_audit")  # the logger `audit` is the journal's

_migrated: WeakSet[BaseDatabaseWrapper] = WeakSet()


class Place(NamedTuple):
    """A database, and the moment up to which it has all commits; None for the primary."""

    using: str
    as_of: datetime | None = None


def place() -> Place:
    """
    Return the database to read from: the standby, or the primary if the standby does not answer or lacks our tables.

    It is the primary too if the replica is no standby, such as the primary of before a failover, or has replayed
    nothing yet. Such a database cannot say up to which moment it has everything.
    """
    alias = conf.replica
    if alias is not None and alias in connections:
        try:
            there = here(alias)
            if there.is_standby and there.replayed:
                _refuse_other_tables(alias)
                return Place(alias, there.replayed)
            logger.warning("the replica is no standby that replays, so the primary is read: %s", there)
        except (DatabaseError, InterfaceError) as error:
            connections[alias].close()
            logger.warning("the replica cannot be read, so the primary is: %s", error)
    return Place(router.db_for_write(UserStateAudit) or DEFAULT_DB_ALIAS)


def _refuse_other_tables(alias: str) -> None:
    """Raise `DatabaseError` where migrations have not arrived yet; once they have, they stay."""
    connection = connections[alias]
    if connection not in _migrated:
        for model in (UserStateAudit, RefusedTransition, RecordRead, SchedulingNote):
            model._base_manager.using(alias).filter(pk=0).first()
        _migrated.add(connection)
