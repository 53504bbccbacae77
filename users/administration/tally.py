"""How many accounts an operation changes and how many it leaves, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from django.utils.translation import gettext as _

from users.states import State


@dataclass(slots=True)
class Tally:
    """What an operation is going to do to the selected accounts, or has done."""

    changed: int = 0

    left: Counter[str] = field(default_factory=Counter)
    """How many are left as they are, by the reason, in the language of whoever asks."""

    @property
    def left_in_all(self) -> int:
        """How many accounts are left as they are."""
        return self.left.total()

    def __iadd__(self, other: Tally) -> Self:
        self.changed += other.changed
        self.left += other.left
        return self


def in_wrong_state(state: str, target: str) -> str:
    """Why an account in this state is left by an operation that leads to the state `target`."""
    label = {"state": str(State(state).label).lower()}
    return _("already %(state)s") % label if state == target else _("not allowed from %(state)s") % label


def yourself() -> str:
    """Why an administrator's own account is left."""
    return _("yourself")


def last_active_superuser() -> str:
    """Why a superuser is left, without whom there would be none."""
    return _("the last active superuser")
