"""How many accounts an operation changes, and how many it leaves as they are, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from django.db.models import Count
from django.utils.translation import gettext as _

from users.querysets import UserFSMQuerySet
from users.states import State

MOST_NAMED = 1000
"""The largest number of accounts that a tally names."""


@dataclass(slots=True)
class Tally:
    """What an operation will do, or has done, to the selected accounts."""

    changed: int = 0

    left: Counter[str] = field(default_factory=Counter)
    """How many are left as they are, by reason, in the administrator's language."""

    named: list[tuple[Any, str]] = field(default_factory=list, compare=False)
    """Who is left, by the user's key, and why: the first `MOST_NAMED`, where the operation knows them."""

    def leave(self, user_id: Any, reason: str) -> None:
        """Count an account that is left as it is, and name it."""
        self.left[reason] += 1
        if len(self.named) < MOST_NAMED:
            self.named.append((user_id, reason))

    @property
    def left_in_all(self) -> int:
        """The total number of accounts left as they are."""
        return self.left.total()

    def __iadd__(self, other: Tally) -> Self:
        self.changed += other.changed
        self.left += other.left
        self.named = [*self.named, *other.named][:MOST_NAMED]
        return self


def in_wrong_state(state: str, target: str) -> str:
    """Why an operation that leads to `target` leaves an account in this state as it is."""
    label = {"state": str(State(state).label).lower()}
    return _("already %(state)s") % label if state == target else _("not allowed from %(state)s") % label


def left_in_other_states(accounts: UserFSMQuerySet, state: State) -> Counter[str]:
    """How many accounts an operation leaves as they are, by reason, if it applies only to accounts in `state`."""
    others = accounts.exclude(current_state=state).order_by().values_list("current_state").annotate(Count("pk"))
    return Counter({in_wrong_state(each, state): count for each, count in others})


def yourself() -> str:
    """Why an administrator's own account is left as it is."""
    return _("yourself")
