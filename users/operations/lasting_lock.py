"""The operation that turns locks with an end into indefinite ones, by unlocking and locking in one transaction."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.utils.translation import gettext as _

from users import conf, superusers
from users.models import UserFSM
from users.operations.tally import Tally, left_in_other_states
from users.querysets import UserFSMQuerySet
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def preview(accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `keep_locked` would do to these accounts now."""
    out_of_reach = accounts.filter(superusers.out_of_reach(by=by, using=accounts.db))
    accounts = accounts.exclude(superusers.out_of_reach(by=by, using=accounts.db))
    tally = Tally(_ending(accounts).count())
    if left := out_of_reach.count():
        tally.left[superusers.keeper_reason()] = left
    lasting = accounts.in_state(State.LOCKED).filter(locked_until=None).count()
    if lasting:
        tally.left[_("already locked indefinitely")] = lasting
    tally.left += left_in_other_states(accounts, State.LOCKED)
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
    tally.changed, size = 0, conf.bulk_batch_size()
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
