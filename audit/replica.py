"""The database for pages that only show the audit trail: a standby if there is one, with the time of its data."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, router

from audit.conf import conf
from audit.integrity.kept.place import here
from audit.models import UserStateAudit

logger = logging.getLogger("user_audit")  # the logger `audit` is the journal's


class Place(NamedTuple):
    """A database, and the moment up to which it has all commits; None for the primary."""

    using: str
    as_of: datetime | None = None


def place() -> Place:
    """Return the database to read from. If the standby does not answer, it is the primary."""
    alias = conf.replica
    if alias is not None and alias in connections:
        try:
            return Place(alias, here(alias).replayed)
        except (OperationalError, InterfaceError) as error:
            connections[alias].close()
            logger.warning("the replica does not answer, so the primary is read: %s", error)
    return Place(router.db_for_write(UserStateAudit) or DEFAULT_DB_ALIAS)
