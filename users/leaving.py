"""People who deactivate their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import router, transaction

from users.exceptions import LastActiveSuperuser
from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def leave(user: User) -> None:
    """
    Deactivate this account as its own person.

    Raises `LastActiveSuperuser` where nobody would be left who can do everything, and `TransitionRefused` where the
    account was deactivated before.
    """
    using = router.db_for_write(UserFSM)
    with transaction.atomic(using=using):
        if user.is_superuser:
            _refuse_the_last_superuser(user, using)
        user.fsm.deactivate(by=user, description="by the person")


def _refuse_the_last_superuser(user: User, using: str) -> None:
    """Asked under the lock of them all, in key order: of two who leave at once, the second finds the first one gone."""
    superusers = UserFSM.objects.using(using).filter(user__is_superuser=True)
    locked = superusers.select_for_update(of=("self",)).order_by("pk").values_list("user_id", "current_state")
    if [pk for pk, state in list(locked) if state == State.ACTIVE] == [user.pk]:
        raise LastActiveSuperuser
