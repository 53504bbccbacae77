"""How many accounts an operation changes, and how many it leaves as they are, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from users.lifecycle import RefusalReason
from users.states import State

MOST_NAMED = 1000
"""The largest number of accounts that a tally names, of those that change and of those that are left."""


@dataclass(slots=True)
class Tally:
    """The effect of an operation on the selected accounts, before or after it."""

    changed: int = 0

    without_way_in: int = 0
    """How many of the changed accounts are open now, and have neither a password nor an address to get one."""

    left: Counter[str] = field(default_factory=Counter)
    """The number of accounts that are left as they are, by reason, in the administrator's language."""

    refused: defaultdict[RefusalReason, list[Any]] = field(default_factory=lambda: defaultdict(list))
    """The keys of the accounts that a rule leaves, rather than the administrator's choice."""

    named: list[tuple[Any, str]] = field(default_factory=list, compare=False)
    """The keys of the first `MOST_NAMED` accounts that are left, each with the reason in the reader's language."""

    to_change: list[Any] = field(default_factory=list, compare=False)
    """In a preview, the keys of the first `MOST_NAMED` accounts that would be changed."""

    def change(self, keys: list[Any]) -> None:
        """Count accounts that would be changed."""
        self.changed += len(keys)
        self.to_change += keys[: MOST_NAMED - len(self.to_change)]

    def leave(self, pk: Any, why: str, reason: RefusalReason | None = None) -> None:
        """
        Count an account that is left, with the reason in the reader's language.

        `reason` is the one for the evidence, where a rule of the lifecycle leaves the account.
        """
        self.left[why] += 1
        if reason is not None:
            self.refused[reason].append(pk)
        if len(self.named) < MOST_NAMED:
            self.named.append((pk, why))

    @property
    def left_in_all(self) -> int:
        """The total number of accounts left as they are."""
        return self.left.total()

    def __iadd__(self, other: Tally) -> Self:
        self.changed += other.changed
        self.without_way_in += other.without_way_in
        self.left += other.left
        self.named = [*self.named, *other.named][:MOST_NAMED]
        self.to_change = [*self.to_change, *other.to_change][:MOST_NAMED]
        for reason, keys in other.refused.items():
            self.refused[reason] += keys
        return self


def in_wrong_state(state: str, target: str) -> str:
    """Why an operation that leads to `target` leaves an account in this state as it is."""
    label = {"state": str(State(state).label).lower()}
    return _("already %(state)s") % label if state == target else _("not allowed from %(state)s") % label


def yourself() -> str:
    """Why an administrator's own account is left as it is."""
    return _("yourself")
