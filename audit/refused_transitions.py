"""Notes of refused transitions, which survive the caller's rollback wherever that can be had."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from audit import conf
from audit.context import NAME_LENGTH
from audit.models import RefusedTransition
from users.actors import By
from users.input.text import storable
from users.lifecycle import Refusal, RefusalReason, whole_milliseconds
from users.login import outcomes

logger = logging.getLogger("audit.refusals")

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
    Keep these refusals, at most `AUDIT_REFUSALS_PER_HOUR` of one actor.

    On PostgreSQL a connection of its own commits them, so that they survive the caller's rollback. On SQLite, where
    the caller's transaction holds the only write lock, they wait for the end of the request; in a command that rolls
    back they are lost, and stand in the log alone.
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
        logger.warning("refusals of %r are left out for an hour: there are too many", kept[-1].initiated_by)
    RefusedTransition.objects.using(using).bulk_create(kept)


def _room_for(row: RefusedTransition, using: str) -> int:
    """How many more refusals of this actor are kept within the hour."""
    limit = conf.refusals_per_hour()
    recent = RefusedTransition.objects.using(using).filter(datetime__gt=timezone.now() - PERIOD)
    own = recent.filter(actor_id=row.actor_id, actor_kind=row.actor_kind, initiated_by=row.initiated_by)
    return max(0, limit - own.order_by()[:limit].count())
