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
from users.exceptions import TransitionRefused
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
    active_superusers = set(active.values_list("pk", flat=True)) if shuts(name) else set()
    keys, tally = _sort(name, _rows(accounts), by=by, active_superusers=active_superusers)
    tally.changed = len(keys)
    return tally


def move(name: str, accounts: UserFSMQuerySet, *, by: User, description: str, **words: Any) -> Tally:
    """
    Make the transition `name` for these accounts, with `by` as the actor.

    Accounts in another state are left as they are. So are the administrator and the last active superuser, if the
    transition closes accounts. `words` are further keywords of the transition, such as `cause`. Raises
    `PermissionDenied` if the administrator is no longer active.
    """
    accounts = accounts.using(router.db_for_write(accounts.model))
    options = {"by": by, "description": description, "correlation_id": uuid.uuid4().hex, **words}
    if not shuts(name):
        return _move_in_chunks(name, accounts, by=by, options=options)
    tally = _shut_superusers(name, accounts.filter(user__is_superuser=True), by=by, options=options)
    tally += _move_in_chunks(name, accounts.filter(user__is_superuser=False), by=by, options=options)
    return tally


class Moved(NamedTuple):
    """The outcome for one account, which is as it was left by the transition, or None if there is none."""

    tally: Tally
    fsm: UserFSM | None


def move_one(name: str, user_id: Any, *, by: User, description: str, **words: Any) -> Moved:
    """
    Make the transition `name` for the account of one user, by the rules of `move` and with fewer statements.

    Only the superusers' accounts need the lock on all of them that protects the last one.
    """
    words |= {"by": by, "description": description}
    using = router.db_for_write(UserFSM)
    accounts = UserFSM.objects.using(using)
    if not shuts(name):
        return _move_alone(name, accounts.filter(user_id=user_id).select_related("user").first(), **words)
    both = accounts.filter(user_id__in={user_id, by.pk}).select_related("user")
    found = {fsm.user_id: fsm for fsm in both}
    fsm, own = found.get(user_id), found.get(by.pk)
    if own is None or own.current_state != State.ACTIVE:
        raise PermissionDenied(_("Your own account is no longer active."))
    if fsm is not None and (fsm is own or fsm.user.is_superuser):
        tally = move(name, accounts.filter(pk=fsm.pk), **words)
        return Moved(tally, accounts.filter(pk=fsm.pk).first())
    return _move_alone(name, fsm, **words)


def _move_alone(name: str, fsm: UserFSM | None, **words: Any) -> Moved:
    if fsm is None:
        return Moved(Tally(), None)
    try:
        getattr(fsm, name)(**words)
    except TransitionRefused as refused:
        tally = Tally()
        tally.leave(fsm.user_id, in_wrong_state(refused.state, UserFSM.target_of(name)))
        return Moved(tally, UserFSM.objects.using(fsm.database).filter(pk=fsm.pk).first())
    return Moved(Tally(changed=1), fsm)


def shuts(name: str) -> bool:
    """Whether this transition closes active accounts."""
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
    for refusal in outcome.refused:
        tally.leave(refusal.user_id, in_wrong_state(refusal.state, target))
    return tally


def _sort(name: str, rows: Iterator[Row], *, by: User, active_superusers: set[Any]) -> tuple[list[Any], Tally]:
    """Return the keys of the accounts to move, and a tally of those to leave."""
    sources, target, shuts = UserFSM.sources_of(name), UserFSM.target_of(name), shuts(name)
    keys, tally = [], Tally()
    among_them: list[Row] = []
    for row in rows:
        if row.state not in sources:
            tally.leave(row.user_id, in_wrong_state(row.state, target))
        elif shuts and row.user_id == by.pk:
            tally.leave(row.user_id, yourself())
        else:
            keys.append(row.pk)
            if row.pk in active_superusers:
                among_them.append(row)
    if among_them and len(among_them) == len(active_superusers):
        keys.remove(among_them[-1].pk)
        tally.leave(among_them[-1].user_id, last_active_superuser())
    return keys, tally


def _rows(accounts: UserFSMQuerySet) -> Iterator[Row]:
    columns = accounts.order_by("pk").values_list("pk", "user_id", "current_state", "user__is_superuser")
    # Not `iterator`: for a cursor, PostgreSQL picks the plan that finds the first rows quickly, not all of them.
    return (Row(*values) for values in columns)
