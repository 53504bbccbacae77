"""The settings with which every connection to PostgreSQL begins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper


def limit_waiting(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """
    `connection_created`: let statements wait for a lock no longer than `DATABASE_LOCK_TIMEOUT`.

    A statement sets it, because poolers refuse options of connections.
    """
    if connection.vendor == "postgresql" and settings.DATABASE_LOCK_TIMEOUT:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{int(settings.DATABASE_LOCK_TIMEOUT)}s'")
