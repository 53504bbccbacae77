"""The facts that decide which operations fit one account. Each is asked at most once, for all operations."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from users import sessions
from users.models import LoginSession, UserFSM
from users.operations.superusers import Protected

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class Facts:
    """An account as it is in memory, and the administrator `by` who may carry out operations on it."""

    def __init__(self, fsm: UserFSM, *, by: User, is_logged_in: bool | None = None) -> None:
        """Take `is_logged_in` as given if the caller knows it."""
        self.fsm = fsm
        self.by = by
        self._is_logged_in = is_logged_in

    @cached_property
    def protected(self) -> Protected:
        """The accounts that the rules protect."""
        return Protected.read(using=self.fsm.database)

    @cached_property
    def is_logged_in(self) -> bool:
        """Whether the person is logged in anywhere."""
        if self._is_logged_in is None:
            of_user = LoginSession.objects.filter(sessions.in_use(), user=self.fsm.user_id)
            return of_user.filter(version=self.fsm.version).exists()
        return self._is_logged_in
