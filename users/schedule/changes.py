"""
Makes scheduled changes that are due.

Each one is a transaction of its own that locks the scheduled change first, so of two simultaneous runs only one makes
it, and a change that was cancelled meanwhile is not made. The state and the rule of `users.operations.superusers` are
checked when the change is due, not when it was scheduled.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import router, transaction
from django.utils import timezone

from users.actors import SYSTEM
from users.causes import Cause
from users.exceptions import TransitionRefused
from users.lifecycle import Refusal, RefusalReason, refused
from users.models import ScheduledChange, UserFSM
from users.models.scheduled_change import GONE, Outcome
from users.operations import superusers, transitioning
from users.operations.superusers import Protected
from users.states import State

logger = logging.getLogger("users.schedule")


@dataclass(slots=True)
class ChangesRun:
    """The results of a run."""

    made: int = 0
    refused: int = 0
    """The number of changes that were due but no longer allowed."""

    failed: int = 0
    """The number of changes that could not be tried. The next run tries again."""

    without_way_in: int = 0
    """How many of the changed accounts are open now, and have neither a password nor an address to get one."""


def run_due() -> ChangesRun:
    """Make all scheduled changes that are due, and return what was done. Safe twice at once."""
    outcome = ChangesRun()
    using = router.db_for_write(ScheduledChange)
    for change in ScheduledChange.objects.using(using).due(timezone.now()).iterator():
        try:
            with transaction.atomic(using=using):
                moved = _make(change) if change.claim() else None
        except Exception:  # receivers may raise anything; go on with the other accounts
            logger.exception("could not make the scheduled change %s", change.pk)
            outcome.failed += 1
            continue
        if moved is not None:
            outcome.made += 1
            outcome.without_way_in += transitioning.opens_without_way_in(change.transition, moved.user)
        outcome.refused += change.outcome == Outcome.REFUSED and change.settled_at is not None
    return outcome


def _make(change: ScheduledChange) -> UserFSM | None:
    """Make a change that is claimed, and settle it. Return the changed account, or None if the change was refused."""
    fsm = UserFSM.objects.using(change._state.db).select_related("user").filter(user_id=change.user_id).first()
    if fsm is None:
        change.settle(Outcome.REFUSED, by=SYSTEM, note=GONE)
        return None
    reason = _why_it_stays(fsm, change)
    if reason:
        change.settle(Outcome.REFUSED, by=SYSTEM, note=reason)
        refusal = Refusal(fsm.user_id, change.username, fsm.current_state)
        words = {"by": SYSTEM, "description": change.description, "using": fsm.database}
        refused(UserFSM, [refusal], transition=change.transition, reason=RefusalReason.PROTECTED, **words)
        return None
    return _moved(fsm, change)


def _moved(fsm: UserFSM, change: ScheduledChange) -> UserFSM | None:
    words: dict[str, Any] = {"until": change.until} if change.until else {}
    details = {
        "scheduled_by": change.scheduled_by,
        "scheduled_by_kind": change.scheduled_by_kind,
        "scheduled_by_key": change.scheduled_by_key,
        "scheduled_at": change.scheduled_at.isoformat(),
        "scheduled_for": change.at.isoformat(),
        "change": change.pk,
    }
    try:
        getattr(fsm, change.transition)(
            by=SYSTEM, description=change.description, cause=Cause.SCHEDULED, details=details, **words
        )
    except TransitionRefused as error:
        change.settle(Outcome.REFUSED, by=SYSTEM, note=str(error.state))
        return None
    change.settle(Outcome.DONE, by=SYSTEM)
    return fsm


def _why_it_stays(fsm: UserFSM, change: ScheduledChange) -> str:
    """The reason for which a protected account stays as it is; empty for others."""
    if not superusers.is_protected(fsm):
        return ""
    protected = Protected.read(using=fsm.database, lock=True)
    if change.scheduled_by_key and not _may_still_move(fsm, change, protected):
        return superusers.keeper_reason()
    closes = superusers.shuts(change.transition) and fsm.current_state == State.ACTIVE
    return protected.why_not(fsm.pk, shuts=closes)


def _may_still_move(fsm: UserFSM, change: ScheduledChange, protected: Protected) -> bool:
    """Whether the user who scheduled the change may move this account now. Nobody may in the name of a deleted user."""
    users = get_user_model()._base_manager.using(fsm.database)
    scheduler = users.filter(pk=change.scheduled_by_key).first()
    return scheduler is not None and protected.may_move(fsm.pk, by=scheduler)
