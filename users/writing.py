"""Writes what a unit of work has gathered; called by `users.lifecycle` alone, inside its transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import connections, models
from django.db.models import F

from users import statement
from users.states import State

if TYPE_CHECKING:
    from users.models import UserFSM

WRITTEN = ("current_state", "locked_until", "failed_logins", "last_failed_login", "failed_login_addresses")
"""What a transition may set, beside the version."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def write(changed: Sequence[UserFSM], rows: Sequence[models.Model], *, using: str) -> None:
    """
    Insert the rows, then write the accounts' states with a version one higher, then the users' `is_active`.

    On PostgreSQL all of it is one statement, elsewhere one for each kind of row and two for the states. Raises
    `UserFSM.DoesNotExist` where not all of the states were written.
    """
    if not changed:
        return
    one_statement = connections[using].vendor == "postgresql"
    written = (_write_at_once if one_statement else _write_in_turn)(changed, rows, using=using)
    if written != len(changed):
        # By a receiver; or a trigger of somebody else's swallowed the row, or one of those that belong to it.
        raise type(changed[0]).DoesNotExist("a state row was deleted in the middle of its transition")


def _write_at_once(changed: Sequence[UserFSM], rows: Sequence[models.Model], *, using: str) -> int:
    inserts, inserted = [], []
    for model, group in _by_model(rows).items():
        if part := statement.insert(group, using=using):
            inserts.append(part)
            inserted.append(group)
        else:
            model._base_manager.using(using).bulk_create(group)
    written, keys = statement.execute(inserts, changed, WRITTEN, using=using)
    for group, keys_of_group in zip(inserted, keys, strict=True):
        for row, key in zip(group, keys_of_group, strict=False):  # where there are fewer, no state was written
            row.pk, row._state.adding, row._state.db = key, False, using
    return written


def _write_in_turn(changed: Sequence[UserFSM], rows: Sequence[models.Model], *, using: str) -> int:
    for model, group in _by_model(rows).items():
        model._base_manager.using(using).bulk_create(group)
    return sum(_write_same(group, using=using) for group in _grouped(changed, _values).values())


def _write_same(fsms: list[UserFSM], *, using: str) -> int:
    """Write accounts that all have the same `_values`; return how many there were."""
    values = dict(zip(WRITTEN, _values(fsms[0]), strict=True))
    accounts = type(fsms[0])._base_manager.using(using).filter(pk__in=[fsm.pk for fsm in fsms])
    written = accounts.update(version=F("version") + 1, **values)
    active = values["current_state"] == State.ACTIVE
    users = get_user_model()._base_manager.using(using).filter(pk__in=[fsm.user_id for fsm in fsms])
    users.exclude(is_active=active).update(is_active=active)
    return written


def _by_model(rows: Sequence[models.Model]) -> dict[type[models.Model], list[models.Model]]:
    return _grouped(rows, type)


def _values(fsm: UserFSM) -> tuple[Any, ...]:
    return tuple(getattr(fsm, name) for name in WRITTEN)


def _grouped(things: Sequence[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return groups
