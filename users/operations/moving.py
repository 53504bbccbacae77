"""
The operations that are transitions, for one account or many.

NOBODY IS LOCKED OUT BY MISTAKE. An administrator's own account and the last active superuser never leave `active`
here. The check for the last superuser (`users.superusers`) runs in the transaction that moves the superusers. The other
accounts follow in transactions of `USERS_BULK_BATCH_SIZE` accounts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.utils.translation import gettext as _

from users import conf, superusers
from users.models import UserFSM
from users.operations.tally import Tally, in_wrong_state, last_active_superuser, yourself
from users.querysets import UserFSMQuerySet
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class Row(NamedTuple):
    """What the rules need to know about a selected account."""

    pk: Any
    user_id: Any
    state: str
    is_superuser: bool


def preview(name: str, accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `move` would do to these accounts now."""
    active = UserFSM.objects.using(accounts.db).in_state(State.ACTIVE).filter(user__is_superuser=True)
    active_superusers = set(active.values_list("pk", flat=True)) if _shuts(name) else set()
    keys, tally = _sort(name, _rows(accounts), by=by, active_superusers=active_superusers)
    tally.changed = len(keys)
    return tally


def move(name: str, accounts: UserFSMQuerySet, *, by: User, description: str) -> Tally:
    """
    Make the transition `name` for these accounts, with `by` as the actor.

    Accounts in another state are left as they are. So are the administrator and the last active superuser, if the
    transition closes accounts. Raises `PermissionDenied` if the administrator is no longer active.
    """
    accounts = accounts.using(router.db_for_write(accounts.model))
    options = {"by": by, "description": description, "correlation_id": uuid.uuid4().hex}
    if not _shuts(name):
        return _move_in_chunks(name, accounts, by=by, options=options)
    tally = _shut_superusers(name, accounts.filter(user__is_superuser=True), by=by, options=options)
    tally += _move_in_chunks(name, accounts.filter(user__is_superuser=False), by=by, options=options)
    return tally


def _shuts(name: str) -> bool:
    return State.ACTIVE in UserFSM.sources_of(name) and UserFSM.target_of(name) != State.ACTIVE


def _shut_superusers(name: str, accounts: UserFSMQuerySet, *, by: User, options: dict[str, Any]) -> Tally:
    with transaction.atomic(using=accounts.db):
        active = superusers.lock_active(beside=by, using=accounts.db)
        if by.pk not in {user.pk for user in active.values()}:
            raise PermissionDenied(_("Your own account is no longer active."))
        active_superusers = {pk for pk, user in active.items() if user.is_superuser}
        keys, tally = _sort(name, _rows(accounts), by=by, active_superusers=active_superusers)
        tally += _bulk(name, accounts.db, keys, options)
    return tally


def _move_in_chunks(name: str, accounts: UserFSMQuerySet, *, by: User, options: dict[str, Any]) -> Tally:
    keys, tally = _sort(name, _rows(accounts), by=by, active_superusers=set())
    remaining = iter(keys)
    while chunk := list(islice(remaining, conf.bulk_batch_size())):
        tally += _bulk(name, accounts.db, chunk, options)
    return tally


def _bulk(name: str, using: str, keys: list[Any], options: dict[str, Any]) -> Tally:
    if not keys:
        return Tally()
    outcome = UserFSM.objects.using(using).filter(pk__in=keys).bulk_transition(name, **options)
    tally, target = Tally(outcome.changed), UserFSM.target_of(name)
    tally.left.update(in_wrong_state(refusal.state, target) for refusal in outcome.refused)
    return tally


def _sort(name: str, rows: Iterator[Row], *, by: User, active_superusers: set[Any]) -> tuple[list[Any], Tally]:
    """Return the keys of the accounts to move, and a tally of those to leave."""
    sources, target, shuts = UserFSM.sources_of(name), UserFSM.target_of(name), _shuts(name)
    keys, among_them, tally = [], [], Tally()
    for row in rows:
        if row.state not in sources:
            tally.left[in_wrong_state(row.state, target)] += 1
        elif shuts and row.user_id == by.pk:
            tally.left[yourself()] += 1
        else:
            keys.append(row.pk)
            if row.pk in active_superusers:
                among_them.append(row.pk)
    if among_them and len(among_them) == len(active_superusers):
        keys.remove(among_them[-1])
        tally.left[last_active_superuser()] += 1
    return keys, tally


def _rows(accounts: UserFSMQuerySet) -> Iterator[Row]:
    columns = accounts.order_by("pk").values_list("pk", "user_id", "current_state", "user__is_superuser")
    # Not `iterator`: for a cursor, PostgreSQL picks the plan that finds the first rows quickly, not all of them.
    return (Row(*values) for values in columns)
