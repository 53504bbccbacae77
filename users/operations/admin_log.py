"""The admin's own log, for operations that change no state and therefore have no record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def log(users: Sequence[User], *, by: User, message: str, flag: int = CHANGE) -> None:
    """Write an entry for each of these users: what `by` did, and why. `flag` is one of Django's kinds of entries."""
    if users:
        LogEntry.objects.log_actions(by.pk, users, flag, message)
