"""Notes of refused transitions, which survive a rollback by the caller if possible."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from audit.conf import conf
from audit.context import NAME_LENGTH
from audit.models import RefusedTransition
from users.actors import By
from users.input.text import storable
from users.lifecycle import Refusal, RefusalReason, whole_milliseconds
from users.login import outcomes

logger = logging.getLogger("user_audit")  # the logger `audit` is the journal's

PERIOD = timedelta(hours=1)


def note(
    refusals: Sequence[Refusal],
    *,
    transition: str,
    reason: RefusalReason,
    using: str,
    by: By = None,
    description: str | None = None,
) -> None:
    """
    Store these refusals, at most `AUDIT_REFUSALS_PER_HOUR` for one actor.

    On PostgreSQL they are committed on a separate connection, so they survive a rollback by the caller. On SQLite the
    caller's transaction holds the only write lock, so they are written at the end of the request. A command that rolls
    back loses them; only the log has them.
    """
    common: dict[str, Any] = {
        "transition": storable(transition, 50),
        "reason": reason,
        "datetime": whole_milliseconds(timezone.now()),
        "description": storable(description or ""),
        **RefusedTransition.acting(by),
    }
    rows = [
        RefusedTransition(
            user_id=each.user_id, username=storable(each.username, NAME_LENGTH), state=each.state, **common
        )
        for each in refusals
    ]
    outcomes.committed_in_any_case(partial(_keep, rows, using), using=using)


def _keep(rows: list[RefusedTransition], using: str) -> None:
    room = _room_for(rows[0], using)
    kept = rows[:room]
    if len(kept) < len(rows) and kept:
        kept[-1].left_out = True
        logger.warning("too many refusals of %r: further ones are not stored for an hour", kept[-1].initiated_by)
    RefusedTransition.objects.using(using).bulk_create(kept)


def _room_for(row: RefusedTransition, using: str) -> int:
    """Return how many more refusals of this actor may be stored within the hour."""
    limit = conf.refusals_per_hour
    recent = RefusedTransition.objects.using(using).filter(datetime__gt=timezone.now() - PERIOD)
    own = recent.filter(actor_id=row.actor_id, actor_kind=row.actor_kind, initiated_by=row.initiated_by)
    return max(0, limit - own.order_by()[:limit].count())
