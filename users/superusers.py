"""
Finds the active superusers, so that the last one can be protected.

It locks the accounts of all superusers, in the order of their keys. If two superusers leave or lock each other at the
same moment, the second one sees the outcome of the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def lock_active(*, beside: User, using: str) -> dict[Any, User]:
    """
    Lock the accounts of all superusers and of the user `beside`, until the end of the transaction.

    Return the users of the active accounts, by the keys of the accounts.
    """
    accounts = UserFSM.objects.using(using).filter(Q(user__is_superuser=True) | Q(user=beside))
    locked = accounts.select_for_update(of=("self",)).select_related("user").order_by("pk")
    return {fsm.pk: fsm.user for fsm in locked if fsm.current_state == State.ACTIVE}
