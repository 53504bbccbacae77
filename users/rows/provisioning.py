"""Creates the state rows of users: with the user, at `migrate`, and whenever one is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from users import lifecycle
from users.causes import Cause
from users.conf import conf
from users.database.one_of import one_of
from users.lifecycle import assignment
from users.rows import birth, superusers
from users.rows.birth import Stage
from users.rows.user_model import login_name
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

BATCH_SIZE = 1000

Keys = Collection[Any] | QuerySet[Any, Any]
"""Keys of users, or a query for them."""


def account_model() -> Any:
    """Return `UserFSM`, found by its key to the user model."""
    return get_user_model()._meta.get_field("fsm").related_model


def starting_state(user: User) -> State:
    """
    The state in which a newly made user starts.

    Superusers start as their `is_active` says, because nobody could activate the first one. If the manager makes one
    with the default of a model in which people start as inactive, the superuser starts as active. Others start in
    `USERS_INITIAL_STATE`. If that is active, a user created with `is_active=False` still starts as invited.
    """
    if superusers.is_being_made():
        return State.ACTIVE if user.is_active or not superusers.starts_active(type(user)) else State.DEACTIVATED
    if getattr(user, "is_superuser", False):
        return State.ACTIVE if user.is_active else State.DEACTIVATED
    if conf.initial_state is State.ACTIVE and user.is_active:
        return State.ACTIVE
    return State.INVITED


def provision(users: Collection[User], *, using: str, cause: Cause = Cause.FOUND) -> None:
    """
    Give these saved users their state rows, except those who have one by now; `is_active` follows, in memory too.

    With the cause `created` the users were made by this very transaction or call, and nobody else can know of them.
    Others start as their stored `is_active` says. They are locked first: of two processes that find the same user
    without a row, one makes it.
    """
    with transaction.atomic(using=using):
        if cause is Cause.CREATED:
            starts = [lifecycle.Start(user.pk, login_name(user), starting_state(user)) for user in users]
            active = _begin(starts, {user.pk: user.is_active for user in users}, using=using, cause=cause)
        else:
            active = _begin_found([user.pk for user in users], using=using)
    for user in users:
        if user.pk in active and not assignment.is_assigned(user):
            assignment.show(user, is_active=active[user.pk])


def provision_new(user: User, *, using: str) -> None:
    """Give a new user a state row, unless something has asked for it already."""
    stage = birth.stage(user)
    if stage is not Stage.DONE:
        if stage is not None:
            birth.advance(user, Stage.DONE)
        provision([user], using=using, cause=Cause.CREATED)


def provision_missing(*, using: str, among: Keys | None = None) -> int:
    """Create the state rows of users without one, in batches, and return their number. `among` limits the users."""
    made = 0
    for keys in _keys_without_row(among, using=using):
        made += len(_begin_found(keys, using=using))
    return made


def mirror_is_active(user_ids: Collection[Any], *, using: str) -> set[Any]:
    """Set the stored `is_active` of these users to what their states say. Return the keys of the active ones."""
    if not user_ids:
        return set()
    with transaction.atomic(using=using):
        # Takes the lock that transitions take: one may be in progress.
        rows = account_model()._base_manager.using(using).select_for_update().filter(user__in=user_ids).order_by("pk")
        states = dict(rows.values_list("user_id", "current_state"))
        active = {user_id for user_id, state in states.items() if state == State.ACTIVE}
        users = get_user_model()._base_manager.using(using)
        users.filter(pk__in=active, is_active=False).update(is_active=True)
        users.filter(pk__in=states.keys() - active).exclude(is_active=False).update(is_active=False)  # or NULL
    return active


def follow_stored_state(user: User, *, using: str) -> None:
    """Set the `is_active` of this instance to what the stored state says, if there is one."""
    states = account_model()._base_manager.using(using).filter(user_id=user.pk)
    state = states.values_list("current_state", flat=True).first()
    if state is not None:
        user.is_active = state == State.ACTIVE


def _begin_found(keys: Collection[Any], *, using: str) -> dict[Any, bool]:
    """Give the users with these keys a row, unless they have one, and return whether each is active, by key."""
    with transaction.atomic(using=using):
        found = _locked_without_row(keys, using=using)
        states = {False: State.DEACTIVATED, True: State.ACTIVE}
        starts = [lifecycle.Start(key, username, states[bool(is_active)]) for key, username, is_active in found]
        stored = {key: is_active for key, _, is_active in found}
        return _begin(starts, stored, using=using, cause=Cause.FOUND)


def _begin(
    starts: Sequence[lifecycle.Start], stored: Mapping[Any, bool | None], *, using: str, cause: Cause
) -> dict[Any, bool]:
    """Make these rows, write `is_active` where it differs from the stored one, and return it by the users' keys."""
    rows = lifecycle.begin(account_model(), starts, using=using, cause=cause) if starts else []
    active = {row.user_id: row.current_state == State.ACTIVE for row in rows}
    mirror_is_active([key for key, is_active in active.items() if is_active != stored[key]], using=using)
    return active


def _locked_without_row(keys: Collection[Any], *, using: str) -> list[tuple[Any, str, bool | None]]:
    """Lock these users, and return key, name and the stored `is_active` of those who have no state."""
    model, accounts = get_user_model(), account_model()
    users = model._base_manager.using(using).select_for_update().order_by("pk")
    found = users.filter(one_of("pk", keys, model._meta.pk, using=using))
    # Read after locking, because this transaction may have waited for the lock.
    known = accounts._base_manager.using(using).filter(one_of("user_id", keys, model._meta.pk, using=using))
    locked = list(found.values_list("pk", model.USERNAME_FIELD, "is_active"))
    with_row = set(known.values_list("user_id", flat=True))
    return [(key, str(name), is_active) for key, name, is_active in locked if key not in with_row]


def _keys_without_row(among: Keys | None, *, using: str) -> Iterator[list[Any]]:
    users = get_user_model()._base_manager.using(using).filter(fsm=None).order_by("pk")
    missing = (users if among is None else users.filter(pk__in=among)).values_list("pk", flat=True)
    batch = list(missing[:BATCH_SIZE])
    while batch:
        yield batch
        # Nobody comes behind a batch that is not full.
        batch = list(missing.filter(pk__gt=batch[-1])[:BATCH_SIZE]) if len(batch) == BATCH_SIZE else []
