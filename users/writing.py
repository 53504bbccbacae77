"""Writes what a unit of work has gathered; called by `users.lifecycle` alone, inside its transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import F

from users.states import State

if TYPE_CHECKING:
    from users.models import UserFSM


def write(changed: Sequence[UserFSM], rows: Iterable[models.Model], *, using: str) -> None:
    """Insert the rows, then write the accounts' states with a version one higher, then the users' `is_active`."""
    for model, group in _grouped(rows, type).items():
        model._base_manager.using(using).bulk_create(group)
    for values, group in _grouped(changed, _written_values).items():
        _write_states(group, dict(zip(WRITTEN, values, strict=True)), using=using)


WRITTEN = ("current_state", "locked_until", "failed_logins", "failed_logins_since")


def _written_values(fsm: UserFSM) -> tuple[Any, ...]:
    return tuple(getattr(fsm, name) for name in WRITTEN)


def _write_states(fsms: list[UserFSM], values: dict[str, Any], *, using: str) -> None:
    states = type(fsms[0])._base_manager.using(using).filter(pk__in=[fsm.pk for fsm in fsms])
    if states.update(version=F("version") + 1, **values) != len(fsms):
        raise type(fsms[0]).DoesNotExist("a state row was deleted in the middle of its transition")
    active = values["current_state"] == State.ACTIVE
    users = get_user_model()._base_manager.using(using).filter(pk__in=[fsm.user_id for fsm in fsms])
    users.exclude(is_active=active).update(is_active=active)


def _grouped(things: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    groups = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return groups
