"""
Keeps `save()` from changing the user's `is_active` column.

`is_active` follows from the state, but `Model.save()` writes every column, from instances that may be stale. A receiver
of `pre_save` or `post_save` cannot prevent that: between its check of the state and the write, another process may lock
the account. So `save()` writes the column's own value back (`SET is_active = is_active`). PostgreSQL evaluates that on
the newest version of the row, and SQLite under its write lock. No query is added.
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
    Make `save()` set this `is_active` field from the starting state on INSERT, and keep it on UPDATE.

    `Field.pre_save` is Django's hook for the value that `save()` and `bulk_create` write. The user model belongs to
    another app, so the hook is set on its field. A subclass of the field would show up in that app's migrations.
    """

    def pre_save(user: User, add: bool) -> models.F | bool:
        if not add:
            return models.F(field.attname)
        user.is_active = starting_state(user) == State.ACTIVE
        return user.is_active

    field.pre_save = pre_save  # type: ignore[method-assign,assignment]
