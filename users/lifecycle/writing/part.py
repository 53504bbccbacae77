"""What a unit of work writes together. A large unit writes in parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import models

from users.lifecycle.account import AccountState
from users.lifecycle.row_values import RowValues

SIZE = 100
"""The number of accounts that the database begins to write while Python goes on with the next ones."""


@dataclass(slots=True)
class Part:
    """Accounts of one unit, and the rows that belong to them."""

    changed: list[AccountState] = field(default_factory=list)
    begun: list[AccountState] = field(default_factory=list)
    rows: list[models.Model | RowValues] = field(default_factory=list)

    def is_full(self) -> bool:
        """Whether it is time to send these accounts ahead. If they cannot be, this is asked again later."""
        return (len(self.changed) + len(self.begun)) % SIZE == 0
