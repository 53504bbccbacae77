"""The same transition for many accounts."""

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
    """The state, from which the transition is not possible."""


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
    return len(unit.changed), refusals
