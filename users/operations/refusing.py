"""Reports to the app that keeps evidence which accounts an administrator could not move, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth import get_user_model

from users.actors import By
from users.lifecycle import Refusal, RefusalReason, refused
from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet

MOST = 100
"""The number of accounts of one call that are reported. The rest would only repeat them."""


def tell(
    name: str,
    keys: Mapping[RefusalReason, Collection[Any]],
    *,
    by: By,
    description: str,
    using: str,
) -> None:
    """Report that the operation `name` was refused for the accounts with these keys."""
    for reason, pks in keys.items():
        accounts = UserFSM.objects.using(using).filter(pk__in=list(pks)[:MOST])
        tell_of(name, accounts, reason, by=by, description=description)


def tell_of(name: str, accounts: UserFSMQuerySet, reason: RefusalReason, *, by: By, description: str = "") -> None:
    """Report that the operation `name` was refused for these accounts."""
    columns = ("user_id", f"user__{get_user_model().USERNAME_FIELD}", "current_state")
    found = accounts.order_by("pk").values_list(*columns)[:MOST]
    refusals = [Refusal(user_id, str(username), state) for user_id, username, state in found]
    refused(UserFSM, refusals, transition=name, reason=reason, using=accounts.db, by=by, description=description)
