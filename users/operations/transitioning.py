"""
The operations that are transitions, for one account or many.

Administrators never move their own account out of `active`. `superusers.py` decides who else is protected and from
whom, in the transaction that moves the protected accounts. The other accounts follow in transactions of
`USERS_BULK_BATCH_SIZE` accounts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.db.models import Case, When
from django.utils.translation import gettext as _

from users.conf import conf
from users.exceptions import TransitionRefused
from users.lifecycle import RefusalReason
from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet
from users.operations import refusing, superusers
from users.operations.facts import Facts
from users.operations.superusers import Protected
from users.operations.tally import Tally, in_wrong_state, yourself
from users.rows.user_model import has_way_in, without_way_in
from users.states import ABOUT as STATES
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class Row(NamedTuple):
    """The facts about a selected account that the rules need."""

    pk: Any
    user_id: Any
    state: str
    has_way_in: bool = True
    """Asked only where the transition opens accounts."""


def preview(name: str, accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `move` would do to these accounts now."""
    keys, tally = _sort(name, _rows(name, accounts), by=by, protected=Protected.read(using=accounts.db))
    tally.change(keys)
    return tally


def fits(name: str, facts: Facts) -> bool:
    """Whether `move` would change this account."""
    fsm = facts.fsm
    rules = facts.protected if superusers.may_be_protected(fsm) else None
    keys, _tally = _sort(name, iter([Row(fsm.pk, fsm.user_id, fsm.current_state)]), by=facts.by, protected=rules)
    return bool(keys)


def opened_without_way_in(name: str, accounts: UserFSMQuerySet) -> int:
    """Return how many of these accounts the transition would open without a way in; see `Tally.without_way_in`."""
    if not _opens(name):
        return 0
    return accounts.filter(without_way_in("user__"), current_state__in=UserFSM.sources_of(name)).distinct().count()


def opens_without_way_in(name: str, user: User) -> bool:
    """Whether the transition opens the account of this user, who has no way in; see `Tally.without_way_in`."""
    return _opens(name) and not has_way_in(user)


def move(name: str, accounts: UserFSMQuerySet, *, by: User, description: str, **words: Any) -> Tally:
    """
    Make the transition `name` for these accounts, with `by` as the actor.

    Accounts in another state, and those that the rules protect, are left as they are. Raises `PermissionDenied` if the
    transition closes accounts and the administrator is no longer active. `words` are further keywords of the
    transition, such as `details`.
    """
    accounts = accounts.using(router.db_for_write(accounts.model))
    options = {"by": by, "description": description, "correlation_id": uuid.uuid4().hex, **words}
    tally = _move_protected(name, accounts.filter(superusers.accounts_of(accounts.db)), by=by, options=options)
    tally += _move_in_chunks(name, accounts.exclude(superusers.accounts_of(accounts.db)), by=by, options=options)
    refusing.tell(name, tally.refused, by=by, description=description, using=accounts.db)
    return tally


class Moved(NamedTuple):
    """The result for one account, and the account as it is now, or None if there is no such account."""

    tally: Tally
    fsm: UserFSM | None


def move_one(name: str, user_id: Any, *, by: User, description: str, **words: Any) -> Moved:
    """
    Make the transition `name` for one user's account by the rules of `move`, with fewer statements.

    Protected accounts go through `move`, which locks all of them.
    """
    words |= {"by": by, "description": description}
    accounts = UserFSM.objects.using(router.db_for_write(UserFSM))
    found = {fsm.user_id: fsm for fsm in accounts.filter(user_id__in={user_id, by.pk}).select_related("user")}
    fsm, own = found.get(user_id), found.get(by.pk)
    if superusers.shuts(name) and (own is None or own.current_state != State.ACTIVE):
        raise PermissionDenied(_("Your own account is no longer active."))
    if fsm is None:
        return Moved(Tally(), None)
    if fsm is own or superusers.is_protected(fsm):
        tally = move(name, accounts.filter(pk=fsm.pk), **words)
        return Moved(tally, accounts.select_related("user").filter(pk=fsm.pk).first())
    try:
        getattr(fsm, name)(**words)
    except TransitionRefused as refused:  # the lifecycle has noted it
        tally = Tally()
        tally.left[in_wrong_state(refused.state, UserFSM.target_of(name))] += 1
        return Moved(tally, accounts.select_related("user").filter(pk=fsm.pk).first())
    return Moved(Tally(changed=1, without_way_in=int(opens_without_way_in(name, fsm.user))), fsm)


def _move_protected(name: str, accounts: UserFSMQuerySet, *, by: User, options: dict[str, Any]) -> Tally:
    with transaction.atomic(using=accounts.db):
        protected = Protected.read(using=accounts.db, lock=True, beside=by)
        if superusers.shuts(name) and by.pk not in protected.active_users:
            raise PermissionDenied(_("Your own account is no longer active."))
        keys, tally = _sort(name, _rows(name, accounts), by=by, protected=protected)
        tally += _bulk(name, accounts.db, keys, options)
    return tally


def _move_in_chunks(name: str, accounts: UserFSMQuerySet, *, by: User, options: dict[str, Any]) -> Tally:
    keys, tally = _sort(name, _rows(name, accounts), by=by, protected=None)
    remaining = iter(keys)
    while chunk := list(islice(remaining, conf.bulk_batch_size)):
        tally += _bulk(name, accounts.db, chunk, options)
    return tally


def _bulk(name: str, using: str, keys: list[Any], options: dict[str, Any]) -> Tally:
    if not keys:
        return Tally()
    outcome = UserFSM.objects.using(using).filter(pk__in=keys).bulk_transition(name, **options)
    tally, target = Tally(outcome.changed), UserFSM.target_of(name)
    for refusal in outcome.refused:  # the lifecycle has noted them
        tally.left[in_wrong_state(refusal.state, target)] += 1
    return tally


def _sort(name: str, rows: Iterator[Row], *, by: User, protected: Protected | None) -> tuple[list[Any], Tally]:
    """Return the keys of the accounts to move, and a tally of those to leave."""
    sources, target, shuts = UserFSM.sources_of(name), UserFSM.target_of(name), superusers.shuts(name)
    keys, tally = [], Tally()
    for row in rows:
        if row.state not in sources:
            tally.leave(row.pk, in_wrong_state(row.state, target), RefusalReason.STATE)
        elif shuts and row.user_id == by.pk:
            tally.leave(row.pk, yourself(), RefusalReason.PROTECTED)
        elif protected and not protected.may_move(row.pk, by=by):
            tally.leave(row.pk, superusers.keeper_reason(), RefusalReason.PROTECTED)
        else:
            keys.append(row.pk)
            tally.without_way_in += not row.has_way_in
    for pk, reason in (protected.last_of(keys) if protected and shuts else {}).items():
        keys.remove(pk)
        tally.leave(pk, reason, RefusalReason.PROTECTED)
    return keys, tally


def _rows(name: str, accounts: UserFSMQuerySet) -> Iterator[Row]:
    columns = ["pk", "user_id", "current_state"]
    if _opens(name):
        accounts = accounts.annotate(has_way_in=Case(When(without_way_in("user__"), then=False), default=True))
        columns.append("has_way_in")
    # Not `iterator`: for a cursor, PostgreSQL picks the plan that finds the first rows quickly, not all of them.
    return (Row(*values) for values in accounts.order_by("pk").values_list(*columns))


def _opens(name: str) -> bool:
    return STATES[State(UserFSM.target_of(name))].is_open
