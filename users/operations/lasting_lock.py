"""The operation that turns locks with an end into indefinite ones, by unlocking and locking in one transaction."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _

from users.conf import conf
from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet
from users.operations import superusers
from users.operations.tally import Tally, in_wrong_state
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def preview(accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `keep_locked` would do to these accounts now."""
    tally, keys = Tally(), []
    protected = Q(superusers.out_of_reach(by=by, using=accounts.db))
    rows = accounts.annotate(is_out_of_reach=ExpressionWrapper(protected, BooleanField())).order_by("pk")
    for pk, state, until, is_out_of_reach in rows.values_list("pk", "current_state", "locked_until", "is_out_of_reach"):
        if is_out_of_reach:
            tally.leave(pk, superusers.keeper_reason())
        elif state != State.LOCKED:
            tally.leave(pk, in_wrong_state(state, State.LOCKED))
        elif until is None:
            tally.leave(pk, _("already locked indefinitely"))
        else:
            keys.append(pk)
    tally.change(keys)
    return tally


def keep_locked(accounts: UserFSMQuerySet, *, by: User, description: str) -> Tally:
    """
    Make the locks of these accounts indefinite.

    Each account gets two records. It is never open in between, because nobody sees a transaction before it commits.
    """
    accounts = accounts.using(router.db_for_write(accounts.model))
    options: dict[str, Any] = {"by": by, "description": description, "correlation_id": uuid.uuid4().hex}
    tally = preview(accounts, by=by)
    within_reach = accounts.exclude(superusers.out_of_reach(by=by, using=accounts.db))
    keys = list(_ending(within_reach).order_by("pk").values_list("pk", flat=True))
    tally.changed, size = 0, conf.bulk_batch_size
    for start in range(0, len(keys), size):
        with transaction.atomic(using=accounts.db):
            batch = UserFSM.objects.using(accounts.db).filter(pk__in=keys[start : start + size])
            # Checked under the row lock: somebody may have unlocked the account since.
            still = list(_ending(batch).select_for_update().order_by("pk").values_list("pk", flat=True))
            again = UserFSM.objects.using(accounts.db).filter(pk__in=still)
            again.bulk_transition("unlock", **options)
            tally.changed += again.bulk_transition("lock", **options).changed
    if meanwhile := len(keys) - tally.changed:
        tally.left[_("unlocked in the meantime")] = meanwhile
    return tally


def _ending(accounts: UserFSMQuerySet) -> UserFSMQuerySet:
    return accounts.in_state(State.LOCKED).filter(locked_until__isnull=False)
