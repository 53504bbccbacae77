"""System checks of how a PostgreSQL server keeps accounts: isolation, encoding and the style of times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections

from users.checks.values import Configs


def check_isolation(app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """
    `users.W041`: transactions must be isolated as PostgreSQL does by default.

    Under a stricter level, whoever is second to change an account gets an error instead of waiting for the first one.
    So simultaneous logins fail, and an answer that should be a refusal is a server error.
    """
    hint = "Use READ COMMITTED for this database: remove isolation_level from OPTIONS, and the server's default for it."
    return [
        checks.Warning(f"Transactions on the database {alias!r} are {level.upper()}", hint=hint, id="users.W041")
        for alias in databases or ()
        if (level := _isolation(alias)) not in ("read committed", "")
    ]


def check_encoding(app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """`users.W042`: databases must be UTF-8, as Django expects; others cannot hold every name."""
    hint = "Create the database anew with ENCODING 'UTF8', and restore a dump into it."
    return [
        checks.Warning(f"The encoding of the database {alias!r} is {encoding}", hint=hint, id="users.W042")
        for alias in databases or ()
        if (encoding := _said(alias, "server_encoding")) not in ("UTF8", "")
    ]


def check_date_style(app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """`users.W043`: databases must write times as ISO 8601 has them; psycopg reads no other style."""
    hint = "Set it back: ALTER DATABASE … SET datestyle = 'ISO, MDY', and the same for the role and the server."
    return [
        checks.Warning(f"The database {alias!r} writes times in the style {style!r}", hint=hint, id="users.W043")
        for alias in databases or ()
        if (style := _said(alias, "DateStyle")) and not style.startswith("ISO")
    ]


def _isolation(alias: str) -> str:
    """Return the level at which Django begins transactions; empty for other vendors than PostgreSQL."""
    default = _said(alias, "default_transaction_isolation")
    chosen = getattr(connections[alias].connection, "isolation_level", None)  # psycopg's
    return chosen.name.replace("_", " ").lower() if chosen is not None and default else default


def _said(alias: str, setting: str) -> str:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [setting])
        return str(cursor.fetchone()[0])


OF_DATABASES = (check_isolation, check_encoding, check_date_style)
