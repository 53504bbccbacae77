"""The interface between `audit.triggers` and the module of each database vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from django.db.backends.utils import CursorWrapper

PREFIX = "audit_rule_"
"""The prefix of all trigger and function names, also those of earlier versions of this app."""


class UserTable(NamedTuple):
    """A table with a row for each user, and the column of the user's key."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The names in the triggers' SQL, quoted."""

    states: str
    records: str
    users: UserTable
    """The table that has the column `is_active`."""

    is_active: str
    steps: str
    """The table of the notes of scheduled changes; empty if migrations have not created it yet."""

    heirs: tuple[UserTable, ...] = ()
    """The tables of a user model that inherits `is_active` from a model with a table of its own."""

    schema: str = ""
    """The schema for functions; empty if the vendor has none."""

    def name_of(self, table: str) -> str:
        """The name of the table that a trigger calls `states`, `records`, `steps` or `users`."""
        return {"states": self.states, "records": self.records, "steps": self.steps, "users": self.users.name}[table]

    def of_each_heir(self) -> list[Tables]:
        """The same names, with each heir in the place of `users`."""
        return [replace(self, users=heir, heirs=()) for heir in self.heirs]

    def fill(self, text: str) -> str:
        """The text with the names of these tables, and of the columns `{key}` and `{is_active}`, in their places."""
        return text.format(
            states=self.states,
            records=self.records,
            steps=self.steps,
            users=self.users.name,
            key=self.users.key,
            is_active=self.is_active,
        )


class Vendor(Protocol):
    """A module with the triggers of one vendor."""

    def tables(self, cursor: CursorWrapper, names: Tables) -> Tables:
        """Return the names for SQL that outlives the session."""

    def wanted(self, tables: Tables) -> Mapping[str, object]:
        """Return the triggers by name, as `installed` should return them."""

    def installed(self, cursor: CursorWrapper, tables: Tables) -> Mapping[str, object]:
        """Return the triggers by name, as the database has them."""

    def lock(self, cursor: CursorWrapper, tables: Tables) -> None:
        """Make writers and other `migrate` runs wait for the end of this transaction."""

    def create(self, cursor: CursorWrapper, tables: Tables) -> None:
        """Create all triggers. Existing rows are not checked."""

    def drop(self, cursor: CursorWrapper, names: list[str]) -> None:
        """Remove all triggers that are where the tables of these quoted names are."""
