"""Reads accounts under a lock; called by `users.lifecycle` alone, inside its transaction."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import F

if TYPE_CHECKING:
    from users.models import UserFSM

USERNAME = "locked_username"
"""The attribute by which a locked account carries its user's name."""


def lock(model: type[UserFSM], pks: Collection[Any], *, using: str) -> list[UserFSM]:
    """Lock these accounts in key order and return them as they are now, with `USERNAME`; those gone are left out."""
    connection = connections[using]
    keys = [model._meta.pk.get_db_prep_value(pk, connection) for pk in dict.fromkeys(pks)]
    return list(model._base_manager.using(using).raw(_locking_read(model, len(keys), using), keys))


@lru_cache(maxsize=32)  # one, a whole batch, and the last batches of late
def _locking_read(model: type[UserFSM], count: int, using: str) -> str:
    # Kept, because Django takes longer to build this query than the database to run it.
    accounts = model._base_manager.using(using).select_for_update(of=("self",))
    named = accounts.annotate(**{USERNAME: F(f"user__{get_user_model().USERNAME_FIELD}")})
    query = named.filter(pk__in=range(1, count + 1)).order_by("pk").query
    return str(query.get_compiler(using).as_sql()[0])
