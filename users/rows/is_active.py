"""
Leaves the user's `is_active` column to the lifecycle.

`is_active` is derived from the state, but `Model.save()` writes every column, from instances that may be stale. A
receiver of `pre_save` or `post_save` cannot close that gap: between its look at the state and the write, another
process may lock the account. So `save()` is made to write the column's own value back (`SET is_active = is_active`),
which PostgreSQL evaluates on the newest version of the row, and SQLite under its write lock; no query is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from users.rows.provisioning import starting_state
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def derive_from_state(field: models.Field[Any, Any]) -> None:
    """
    Let `save()` set this `is_active` field from the starting state on INSERT, and leave it alone on UPDATE.

    `Field.pre_save` is Django's hook for the value that `save()` and `bulk_create` write. The user model belongs to
    somebody else, so the hook is set on its field and not by a subclass, which would show up in its migrations.
    """

    def pre_save(user: User, add: bool) -> models.F | bool:
        if not add:
            return models.F(field.attname)
        user.is_active = starting_state(user) == State.ACTIVE
        return user.is_active

    field.pre_save = pre_save  # type: ignore[method-assign,assignment]
