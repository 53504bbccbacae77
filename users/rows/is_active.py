"""
The user's column `is_active`. `save()` writes the value that the lifecycle gives it.

`is_active` follows from the state, but `Model.save()` writes every column, from instances that may be stale. A receiver
of `pre_save` or `post_save` cannot prevent that: between its check of the state and the write, another process may lock
the account. So `save()` writes the column's own value back (`SET is_active = is_active`). PostgreSQL evaluates that on
the newest version of the row, and SQLite under its write lock. No query is added. `users.rows.door` carries out what
code has assigned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute
from django.db.models.sql.compiler import SQLCompiler

from users.lifecycle import assignment
from users.rows import birth
from users.rows.birth import Stage
from users.rows.provisioning import starting_state
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class IsActive(DeferredAttribute):
    """`user.is_active`, which remembers what was loaded when code assigns something else."""

    def __set__(self, user: models.Model, value: Any) -> None:
        assignment.assign(user, value)


class AsStored:
    """
    The value of the column itself, in an UPDATE.

    Not an `F`: Django 6 reads the result of an expression back, and an instance would lose what code assigned to it.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return the quoted name of the column."""
        return str(connection.ops.quote_name(self.column)), ()


def follow_the_lifecycle(field: models.Field[Any, Any]) -> None:
    """
    Let `save()` set this `is_active` field from the starting state on INSERT, and keep it on UPDATE.

    `Field.pre_save` is Django's hook for the value that `save()` and `bulk_create` write. The user model belongs to
    another app, so the hooks are set on its field. A subclass of the field would show up in that app's migrations.
    """
    as_stored = AsStored(str(field.column))

    def pre_save(user: User, add: bool) -> Any:
        if add and birth.stage(user) is Stage.ASKED_FOR:
            birth.advance(user, Stage.INSERTED)
            assignment.show(user, is_active=starting_state(user) == State.ACTIVE)
        if add or assignment.is_assigned(user):  # an assigned value gets here only without an account
            return user.is_active
        return as_stored

    field.pre_save = pre_save  # type: ignore[method-assign,assignment]
    setattr(field.model, field.attname, IsActive(field))
