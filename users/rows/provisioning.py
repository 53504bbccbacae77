"""Creates the state rows of users: with the user, at `migrate`, and whenever one is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction

from users import conf
from users.signals import last_known_wanted
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

BATCH_SIZE = 1000


def account_model() -> Any:
    """Return `UserFSM`, found by its key to the user model."""
    return get_user_model()._meta.get_field("fsm").related_model


@dataclass(frozen=True, slots=True)
class LastKnown:
    """What a record says of a user: the state after the last transition, and the number of transitions."""

    state: State
    version: int


def starting_state(user: User) -> State:
    """
    Return the state in which a user without a record starts.

    Superusers start as their `is_active` says, because nobody could activate the first one. Others start in
    `USERS_INITIAL_STATE`. If that is active, a user created with `is_active=False` still starts as invited.
    """
    if getattr(user, "is_superuser", False):
        return State.ACTIVE if user.is_active else State.DEACTIVATED
    if conf.initial_state() is State.ACTIVE and user.is_active:
        return State.ACTIVE
    return State.INVITED


def provision(users: Iterable[User], *, using: str) -> None:
    """Create the missing state rows of these saved users, and set `is_active` to match, in the database and in memory."""
    users = list(users)
    known = last_known([user.pk for user in users], using=using)
    starts = {user.pk: known.get(user.pk) or LastKnown(starting_state(user), 0) for user in users}
    model = account_model()
    rows = [model(user_id=pk, current_state=start.state, version=start.version) for pk, start in starts.items()]
    disagreeing = [user for user in users if user.is_active != (starts[user.pk].state == State.ACTIVE)]
    with transaction.atomic(using=using):
        model._base_manager.using(using).bulk_create(rows, ignore_conflicts=True)
        active = mirror_is_active([user.pk for user in disagreeing], using=using)
    for user in disagreeing:
        user.is_active = user.pk in active


def provision_missing(*, using: str) -> int:
    """Create the state rows of all users who have none, in batches, and return the number of users."""
    made = 0
    for users in _users_without_row(using=using):
        provision(users, using=using)
        made += len(users)
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
        users.filter(pk__in=states.keys() - active, is_active=True).update(is_active=False)
    return active


def last_known(user_ids: list[Any], *, using: str) -> Mapping[Any, LastKnown]:
    """Ask the app that keeps the record (`last_known_wanted`) for the users' last states."""
    known: dict[Any, LastKnown] = {}
    answers: list[tuple[Any, Any]] = last_known_wanted.send(sender=account_model(), using=using, user_ids=user_ids)
    for _, answer in answers:
        known.update(answer)
    return known


def _users_without_row(*, using: str) -> Iterator[list[User]]:
    missing = get_user_model()._base_manager.using(using).filter(fsm=None).order_by("pk")
    batch = list(missing[:BATCH_SIZE])
    while batch:
        yield batch
        batch = list(missing.filter(pk__gt=batch[-1].pk)[:BATCH_SIZE])
