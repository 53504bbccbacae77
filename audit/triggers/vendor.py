"""The interface between `audit.triggers` and the module of each database vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db.backends.utils import CursorWrapper

PREFIX = "audit_rule_"
"""The prefix of all trigger and function names, also those of earlier versions of this app."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables in the triggers' SQL."""

    states: str
    records: str
    schema: str = ""
    """The schema for functions; empty if the vendor has none."""

    def fill(self, text: str) -> str:
        """The text with these names in place of `{states}` and `{records}`."""
        return text.format(states=self.states, records=self.records)


class Vendor(Protocol):
    """A module with the triggers of one vendor."""

    def tables(self, cursor: CursorWrapper, states: str, records: str) -> Tables:
        """Return the names for SQL that outlives the session. The arguments are quoted names."""

    def wanted(self, tables: Tables) -> Mapping[str, object]:
        """Return the triggers by name, as `installed` should return them."""

    def installed(self, cursor: CursorWrapper, tables: Tables) -> Mapping[str, object]:
        """Return the triggers by name, as the database has them."""

    def lock(self, cursor: CursorWrapper, tables: Tables) -> None:
        """Make writers and other `migrate` runs wait for the end of this transaction."""

    def create(self, cursor: CursorWrapper, tables: Tables) -> None:
        """Create all triggers. Existing rows are not checked."""

    def drop(self, cursor: CursorWrapper) -> None:
        """Remove all triggers."""
