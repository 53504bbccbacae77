"""
Whether the tables of accounts and of the record are those that migrations make.

Their owner can put something else in their place, or let the database do something else than it is told: a view, a
rule, row level security, a table that inherits, another type of a column, a constraint less. No trigger notices that,
and what reads the table sees what it is shown. The database's catalogue tells.
"""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import Model

from audit.models import (
    AuditArchive,
    AuditCheckpoint,
    AuditDeclaration,
    AuditErasure,
    AuditFloor,
    RecordRead,
    RefusedTransition,
    SchedulingNote,
    UserStateAudit,
)
from audit.tables import postgresql, sqlite
from audit.tables.vendor import Vendor
from users.models import UserFSM

VENDORS: dict[str, Vendor] = {"postgresql": postgresql, "sqlite": sqlite}

OURS: tuple[type[Model], ...] = (
    UserFSM,
    UserStateAudit,
    SchedulingNote,
    AuditArchive,
    AuditCheckpoint,
    AuditDeclaration,
    AuditErasure,
    AuditFloor,
)
"""The models whose tables verification depends on. The user's own table may have columns that we do not know."""

STREAMED: tuple[type[Model], ...] = (UserStateAudit, RefusedTransition, RecordRead, SchedulingNote)
"""The models whose rows checkpoints and streams follow by key."""


def altered(using: str) -> list[str]:
    """Return what is not as migrations make it, a sentence each. Tables and columns that do not exist are left out."""
    connection = connections[using]
    vendor = VENDORS.get(connection.vendor)
    if vendor is None:
        return []
    found: list[str] = []
    with connection.cursor() as cursor:
        for model in (get_user_model(), *OURS):
            found += vendor.place(cursor, model)
        there = connection.introspection.table_names(cursor, include_views=True)
        for model in (each for each in OURS if each._meta.db_table in there):
            found += vendor.columns(cursor, model)
            found += vendor.constraints(cursor, model)
        for model in STREAMED:
            found += vendor.keys(cursor, model)
    return found
