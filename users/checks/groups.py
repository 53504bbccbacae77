"""System checks of the groups that settings name. They ask the database, as `check --database` and `migrate` do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections

from users.checks.values import Configs

NAMES = ("USERS_PROTECTED_GROUP", "USERS_NEVER_DORMANT_GROUP")


def check_groups_exist(
    app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`users.W023`: a group that a setting names must exist; a misspelt one protects nobody."""
    hint = "Create the group, or correct its name."
    return [
        checks.Warning(f"{name} names {group!r}, which is not a group on {alias!r}", hint=hint, id="users.W023")
        for alias in databases or ()
        for name in NAMES
        if (group := getattr(settings, name, "")) and not _exists(group, alias)
    ]


def _exists(group: str, alias: str) -> bool:
    if Group._meta.db_table not in connections[alias].introspection.table_names():
        return True  # nobody can have made it yet
    return Group.objects.using(alias).filter(name=group).exists()


OF_DATABASES = (check_groups_exist,)
