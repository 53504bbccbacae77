"""Lifts expired locks, for people who do not try to log in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import router, transaction
from django.utils import timezone

from users.conf import conf
from users.login import lockout
from users.models import UserFSM

logger = logging.getLogger("users.lockout")


@dataclass(slots=True)
class LockRun:
    """The results of a run."""

    lifted: int = 0
    failed: int = 0
    """The number of accounts that could not be unlocked. The next run tries again."""


def lift_expired() -> LockRun:
    """Unlock the accounts whose lock has expired, many at once. Safe to run twice at once and beside logins."""
    outcome, now, size = LockRun(), timezone.now(), conf.bulk_batch_size
    expired = UserFSM.objects.using(router.db_for_write(UserFSM)).with_expired_lock(now).order_by("pk")
    pks = list(expired.values_list("pk", flat=True)[:size])
    while pks:
        try:
            outcome.lifted += _lift(pks, now)
        except Exception:  # noqa: BLE001 - receivers may raise anything; the others go on one by one
            _lift_one_by_one(pks, now, outcome)
        pks = list(expired.filter(pk__gt=pks[-1]).values_list("pk", flat=True)[:size])
    return outcome


def _lift(pks: Sequence[Any], now: datetime) -> int:
    accounts = UserFSM.objects.using(router.db_for_write(UserFSM))
    with transaction.atomic(using=accounts.db):
        # Checked under the row lock: somebody may have lifted the lock or made it indefinite.
        still = accounts.with_expired_lock(now).filter(pk__in=pks).select_for_update().order_by("pk")
        locked = accounts.filter(pk__in=list(still.values_list("pk", flat=True)))
        return locked.bulk_transition("unlock", **lockout.LIFTED).changed


def _lift_one_by_one(pks: Sequence[Any], now: datetime, outcome: LockRun) -> None:
    """Lift the locks of a batch in which some could not be lifted."""
    for pk in pks:
        try:
            outcome.lifted += _lift([pk], now)
        except Exception:
            logger.exception("could not unlock %r", str(UserFSM.objects.select_related("user").get(pk=pk).user))
            outcome.failed += 1
