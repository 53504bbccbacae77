"""
Turns assignments to a user's `is_active` into transitions when the user is saved.

Forms, admin actions and libraries write `user.is_active = False; user.save()`. If the assigned value differs from the
loaded one, `save()` makes the transition: False deactivates, True activates, unlocks or reactivates. The actor is that
of the context, and the cause is `is_active`. An instance without an assignment is saved as usual, with no extra query.

ORDER. The transition comes before the UPDATE of the other columns, because a transition locks the state first and then
the user. Both are in one transaction, so either both are committed or neither is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, router, transaction

from users.causes import Cause
from users.conf import IsActiveWrites, conf
from users.exceptions import IsActiveNotWritable
from users.lifecycle import AccountState, assignment
from users.rows import birth, overwriting
from users.rows.birth import Stage
from users.rows.provisioning import account_model, provision, provision_new
from users.states import State

Asks = Callable[[Any, Collection[str] | None, str], bool]
Then = Callable[[Any, str], None]
Guard = Callable[..., None]
_guards: list[Guard] = []
_companions: list[tuple[Asks, Then]] = []
_companions_of_the_new: list[tuple[Asks, Then]] = []

_MADE_PLAIN = "user_lifecycle_made_plain"


def install(model: type[models.Model]) -> None:
    """
    Intercept saving and refreshing of this model, which has the field `is_active`.

    Every subclass and proxy calls `save_base` from `save()`, and fixtures call it on `Model` itself.
    """
    save_base, refresh_from_db = model.save_base, model.refresh_from_db

    @wraps(save_base)
    def save_through_the_door(  # noqa: PLR0917 - as in Django
        self: models.Model,
        raw: bool = False,
        force_insert: bool = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Collection[str] | None = None,
    ) -> None:
        using = using or router.db_for_write(type(self), instance=self)

        def save() -> None:
            save_base(
                self,
                raw=raw,
                force_insert=force_insert,
                force_update=force_update,
                using=using,
                update_fields=update_fields,
            )

        if raw:
            save()
        elif self._state.adding and not overwriting.is_asked_for(
            self, using, force_insert=force_insert, force_update=force_update, update_fields=update_fields
        ):
            _insert(self, save, using)
        else:
            _update(self, save, using, update_fields)

    @wraps(refresh_from_db)
    def refresh_as_loaded(self: models.Model, *args: Any, **kwargs: Any) -> None:
        with assignment.loading(self):
            refresh_from_db(self, *args, **kwargs)

    model.save_base = save_through_the_door  # type: ignore[method-assign,assignment]
    model.refresh_from_db = refresh_as_loaded  # type: ignore[method-assign]


def keep_together(asks: Asks, then: Then, *, new: bool = False) -> None:
    """
    Save loaded users together with what belongs to the change, such as emails about it: both are committed, or neither.

    `asks(user, update_fields, using)` is called before each save of a loaded user and, with `new`, of a new one. If it
    returns True, `then(user, using)` follows in the same transaction. Signals name the class of the instance, so they
    would miss proxies and subclasses.
    """
    for companions in (_companions, _companions_of_the_new) if new else (_companions,):
        if (asks, then) not in companions:
            companions.append((asks, then))


def ask_first(guard: Guard) -> None:
    """
    Ask before the transition of each assignment, in its transaction and before anything is locked.

    `guard(user, opens=…, using=…)` raises to undo the save.
    """
    if guard not in _guards:
        _guards.append(guard)


def _insert(user: models.Model, save: Callable[[], None], using: str) -> None:
    """Save a new user together with the birth of the account."""
    if not isinstance(user, get_user_model()):
        save()  # a parent instance without an account
        return
    user._state.fields_cache.pop("fsm", None)  # it belongs to the user from whom this instance was copied
    follow = [then for asks, then in _companions_of_the_new if asks(user, None, using)]
    with transaction.atomic(using=using, savepoint=False), assignment.kept_on_error(user), birth.asked_for(user):
        save()
        if birth.stage(user) is Stage.INSERTED:  # for a proxy or a subclass of the user model
            provision_new(user, using=using)
        for then in follow:
            then(user, using)
    user._state.__dict__[_MADE_PLAIN] = not getattr(user, "is_superuser", True)


def _update(user: models.Model, save: Callable[[], None], using: str, update_fields: Collection[str] | None) -> None:
    """Save a loaded user, with the transitions that the assignments ask for."""

    def is_written(name: str) -> bool:
        return update_fields is None or name in update_fields

    assigned = is_written(assignment.NAME) and assignment.is_assigned(user) and _is_accepted(user, using)
    promoted = is_written("is_superuser") and _is_promoted(user)
    companions = _companions if isinstance(user, get_user_model()) else []
    follow = [then for asks, then in companions if asks(user, update_fields, using)]
    if not (assigned or promoted or follow):
        save()
        return
    with transaction.atomic(using=using), assignment.kept_on_error(user):
        if assigned:
            _carry_out(user, using)
        if promoted:
            _let_in(user, using)
        save()
        for then in follow:
            then(user, using)


def _is_accepted(user: models.Model, using: str) -> bool:
    """
    Whether an assignment asks for a transition, according to `USERS_IS_ACTIVE_WRITES`.

    An instance of a parent of the user model may have no account. Then the column is an ordinary one.
    """
    if not isinstance(user, get_user_model()) and not _accounts(user, using).exists():
        return False
    value, writes = user.__dict__[assignment.NAME], conf.is_active_writes
    if writes is IsActiveWrites.IGNORE:
        assignment.undo(user)
        return False
    if writes is IsActiveWrites.REFUSE or hasattr(value, "resolve_expression"):
        raise IsActiveNotWritable(value)
    return True


def _carry_out(user: models.Model, using: str) -> None:
    """Make the transition to the assigned value, unless the account already has it."""
    field = user._meta.get_field(assignment.NAME)
    wish = bool(field.get_prep_value(user.__dict__[assignment.NAME]))  # type: ignore[union-attr]  # not of a relation
    for guard in _guards:
        guard(user, opens=wish, using=using)
    account = _locked_account(user, using)
    if account is None:
        return  # deleted in the meantime: Django inserts the user again, which is a new birth
    is_news = assignment.loaded(user) is not None or wish != (account.current_state == State.ACTIVE)
    if is_news:
        _move(account, State.ACTIVE if wish else State.DEACTIVATED, Cause.IS_ACTIVE, user)
    assignment.show(user, is_active=wish)


def _is_promoted(user: models.Model) -> bool:
    """Whether this instance was created as a plain user and is now a superuser, as some managers do."""
    return user._state.__dict__.get(_MADE_PLAIN, False) and bool(getattr(user, "is_superuser", False))


def _let_in(user: models.Model, using: str) -> None:
    """Activate a new superuser: nobody else might be there to do it."""
    account = _locked_account(user, using)
    if account is not None and account.current_state == State.INVITED:
        _move(account, State.ACTIVE, Cause.CREATED, user)
        assignment.show(user, is_active=True)
    user._state.__dict__[_MADE_PLAIN] = False


def _move(account: AccountState, target: State, cause: Cause, user: models.Model) -> None:
    """Make the transition that leads from the account's state into this one, if there is one."""
    ways = [each.name for each in account.get_available_current_state_transitions() if each.target == target]
    if not ways:
        return
    getattr(account, ways[0])(cause=cause)
    cached = user._state.fields_cache.get("fsm")
    if cached is not None and cached.pk == account.pk:
        cached.take_over(account)


def _locked_account(user: models.Model, using: str) -> AccountState | None:
    """Lock and return the account of this user, which is made if it is missing; None if the user is gone."""
    accounts = _accounts(user, using).select_for_update()
    account: AccountState | None = accounts.first()
    if account is None and (found := get_user_model()._base_manager.using(using).filter(pk=user.pk).first()):
        provision([found], using=using)
        account = accounts.first()
    return account


def _accounts(user: models.Model, using: str) -> models.QuerySet[AccountState]:
    accounts: models.QuerySet[AccountState] = account_model()._base_manager.using(using).filter(user_id=user.pk)
    return accounts
