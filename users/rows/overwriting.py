"""
Saves of an instance that was never loaded over a user who exists: `User(pk=1, username="ada", is_active=False).save()`.

Django updates the row then. Such an instance does not say what code has given and what is a default. So an `is_active`
is an assignment if it differs from the field's default, or if `update_fields` names it. The default value is no
assignment: otherwise such a save without any `is_active` would unlock the account.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from users.lifecycle import assignment

logger = logging.getLogger("users.transitions")


def is_asked_for(
    user: models.Model,
    using: str,
    *,
    force_insert: Any,
    force_update: bool,
    update_fields: Collection[str] | None,
) -> bool:
    """
    Whether this `save()` of a new instance writes over a user who exists. If so, it notes whether the instance has an
    assignment.

    Asks the database if the instance has a key that Django looks for: not with `force_insert`, and not if the key has a
    default, such as a new UUID.
    """
    if user.pk is None or force_insert or not isinstance(user, get_user_model()):
        return False
    if not force_update and all(key.has_default() or key.has_db_default() for key in _keys(user)):
        return False
    users = get_user_model()._base_manager.using(using).filter(pk=user.pk)
    stored = users.values_list(assignment.NAME, flat=True).first()
    if stored is None:
        return False
    field: Any = user._meta.get_field(assignment.NAME)
    value = user.__dict__.get(assignment.NAME)
    if bool(value) == bool(stored):
        assignment.show(user, is_active=stored)
    elif assignment.NAME in (update_fields or ()) or value != field.get_default():
        assignment.take_for_assigned(user, loaded=bool(stored))
    else:
        logger.warning("user %r was saved over, and is_active=%r, the default, was not written", user.pk, value)
        assignment.show(user, is_active=stored)
    return True


def _keys(user: models.Model) -> list[Any]:
    # Several in a composite key, which no user model can have so far. Django 5.2 and newer name them alike.
    return list(user._meta.pk_fields)
