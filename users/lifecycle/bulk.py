"""The same transition for many accounts."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from users.lifecycle.account import AccountState
from users.lifecycle.refusal import Refusal, RefusalReason, refused
from users.lifecycle.unit import Unit, opened


def perform_on_batch(
    model: type[AccountState],
    pks: Collection[Any],
    name: str,
    kwargs: dict[str, Any],
    *,
    using: str,
    correlation_id: str,
) -> tuple[int, list[Refusal]]:
    """Carry out a transition for many accounts as one unit. Return the number of changes and the refusals."""
    refusals: list[Refusal] = []
    carry_out = getattr(model, name).__wrapped__
    with opened(Unit(using, correlation_id, name)) as unit:
        for fsm in unit.lock(model, pks):
            if unit.refuses(fsm, name):
                refusals.append(Refusal(fsm.user_id, unit.underway[fsm.pk].username, fsm.current_state))
            else:
                unit.run(fsm, partial(carry_out, fsm, **kwargs))
    words = {"by": kwargs.get("by"), "description": kwargs.get("description")}
    refused(model, refusals, transition=name, reason=RefusalReason.STATE, using=using, **words)
    return len(unit.changed), refusals
