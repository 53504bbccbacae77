"""
The admin's own log, for operations that change no state and therefore have no record.

The API has these operations too, also in a project without the admin. There the log `users.operations` says the same.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.apps import apps

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

logger = logging.getLogger("users.operations")

CHANGE = 2
"""Django's number for a change, whose module cannot be imported where the admin is not installed."""


def log(users: Sequence[User], *, by: User, message: str, flag: int = CHANGE) -> None:
    """Write an entry for each of these users: what `by` did, and why. `flag` is one of Django's kinds of entries."""
    if not users:
        return
    if apps.is_installed("django.contrib.admin"):
        from django.contrib.admin.models import LogEntry

        LogEntry.objects.log_actions(by.pk, users, flag, message)
    else:
        for user in users:
            logger.info("%r did this to %r: %s", by.get_username(), user.get_username(), message)
