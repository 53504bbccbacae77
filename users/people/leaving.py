"""Deactivating one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import router, transaction

from users.causes import Cause
from users.exceptions import LastActiveSuperuser
from users.models import UserFSM
from users.operations.superusers import Protected

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def leave(user: User) -> None:
    """
    Deactivate the account of this user, with the user as the actor.

    Raises `LastActiveSuperuser` if no other active superuser, or member of the protected group, would be left, and
    `TransitionRefused` if the account has already been closed.
    """
    using = router.db_for_write(UserFSM)
    with transaction.atomic(using=using):
        if reason := Protected.read(using=using, lock=True, beside=user).why_not(user.fsm.pk, shuts=True):
            raise LastActiveSuperuser(reason)
        user.fsm.deactivate(by=user, description="by the person", cause=Cause.LEFT)
