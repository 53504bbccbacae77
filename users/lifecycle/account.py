"""The base of `UserFSM`: the columns that the lifecycle writes, and their protection from other writers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from django.db import models, router
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from users.lifecycle import assignment
from users.states import State


class AccountState(models.Model):
    """
    The state of one user account, with its version and the end of its lock.

    The concrete model adds `user`, a one-to-one key to the user model, and the transition methods.
    """

    user: Any
    user_id: Any
    get_available_current_state_transitions: Any  # django-fsm's

    current_state = FSMField(_("state"), choices=State, default=State.INVITED, protected=True, db_index=True)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True, editable=False, db_index=True)
    """When the account entered its state, the time of its last record; null if that is not known."""

    protected_columns: ClassVar[frozenset[str]] = frozenset({"current_state", "version", "locked_until", "changed_at"})
    """The columns that `save()` does not write on an existing row. Only the lifecycle writes them."""

    class Meta:
        abstract = True

    @property
    def database(self) -> str:
        """The alias of the database to which this account is written, wherever it was read."""
        return router.db_for_write(type(self), instance=self)

    def take_over(self, fresh: AccountState) -> None:
        """Copy the values that were read under the row lock. `user` stays the same object."""
        for column in self._meta.concrete_fields:
            self.__dict__[column.attname] = fresh.__dict__[column.attname]

    def catch_up(self, fresh: AccountState) -> None:
        """Show in this instance, and in its user if that is loaded, what was read of an account that others moved."""
        self.take_over(fresh)
        if type(self).user.is_cached(self) and not assignment.is_assigned(self.user):
            assignment.show(self.user, is_active=self.current_state == State.ACTIVE)

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """
        Django's `save`, but it never writes the protected columns of an existing row.

        A new row is always inserted, even if its key is given, so it cannot overwrite an existing row.
        """
        if self._state.adding:
            force_insert = force_insert or True
            super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)
        else:
            names = set(self._loaded_columns() if update_fields is None else update_fields)
            super().save(
                force_insert=force_insert,
                force_update=force_update,
                using=using,
                update_fields=names - self.protected_columns,
            )

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        """Django's `refresh_from_db`. It reads the state too: a protected field can be set while it has no value."""
        names = set(self._loaded_columns() if fields is None else fields)
        with restored_on_error(self):
            if "current_state" in names:
                self.__dict__.pop("current_state", None)
            super().refresh_from_db(using, names, from_queryset)

    def _loaded_columns(self) -> set[str]:
        columns = {column.attname for column in self._meta.concrete_fields if not column.primary_key}
        return columns - self.get_deferred_fields()


@contextmanager
def restored_on_error(account: AccountState) -> Iterator[None]:
    """Restore this instance in memory if the block raises."""
    before = account.__dict__.copy()
    try:
        yield
    except BaseException:
        account.__dict__.clear()
        account.__dict__.update(before)
        raise
