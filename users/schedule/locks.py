"""Lifts expired locks, for people who do not try to log in."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.utils import timezone

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
    """Unlock the accounts whose lock has expired. Safe to run twice at once and beside logins."""
    outcome = LockRun()
    expired = UserFSM.objects.with_expired_lock(timezone.now()).select_related("user").order_by("pk")
    for fsm in expired.iterator():
        try:
            outcome.lifted += lockout.lift_expired_lock(fsm)
        except Exception:  # receivers may raise anything; go on with the other accounts
            logger.exception("could not unlock %r", fsm.user.get_username())
            outcome.failed += 1
    return outcome
