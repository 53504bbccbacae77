"""The same transition of many accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from users.lifecycle.account import AccountState
from users.lifecycle.unit import Unit, opened


@dataclass(frozen=True, slots=True)
class Refusal:
    """An account that a bulk transition left as it was."""

    user_id: Any
    username: str
    state: str
    """Its state, from which the transition does not lead."""


def perform_on_batch(
    model: type[AccountState],
    pks: Collection[Any],
    name: str,
    kwargs: dict[str, Any],
    *,
    using: str,
    correlation_id: str,
) -> tuple[int, list[Refusal]]:
    """Carry out the same transition of many accounts as one unit; return how many changed, and the refusals."""
    refusals: list[Refusal] = []
    carry_out = getattr(model, name).__wrapped__
    with opened(Unit(using, correlation_id, name)) as unit:
        for fsm in unit.lock(model, pks):
            if unit.refuses(fsm, name):
                refusals.append(Refusal(fsm.user_id, unit.underway[fsm.pk].username, fsm.current_state))
            else:
                unit.run(fsm, partial(carry_out, fsm, **kwargs))
    return len(unit.changed), refusals
