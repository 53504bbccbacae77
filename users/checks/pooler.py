"""A system check of a pooler between the project and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections

from users.checks.values import Configs


def check_a_pooler_knows_prepared_statements(
    app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """
    `users.W040`: behind a pooler, prepared statements need one that tracks them.

    A pooler hands out process ids of its own, so the one of the connection is not the one that the server names.
    """
    hint = (
        "Set DATABASE_PREPARE=off (in OPTIONS: 'prepare_threshold': None), unless it is PgBouncer 1.22 or newer with "
        "max_prepared_statements. Silence this check if it is."
    )
    return [
        checks.Warning(
            f"The database {alias!r} is behind a pooler, and statements are prepared", hint=hint, id="users.W040"
        )
        for alias in databases or ()
        if _prepares(alias) and _is_behind_a_pooler(alias)
    ]


def _prepares(alias: str) -> bool:
    connection = connections[alias]
    return (
        connection.vendor == "postgresql" and connection.settings_dict["OPTIONS"].get("prepare_threshold") is not None
    )


def _is_behind_a_pooler(alias: str) -> bool:
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone()
    return bool(connection.connection.info.backend_pid != server)


OF_DATABASES = (check_a_pooler_knows_prepared_statements,)
