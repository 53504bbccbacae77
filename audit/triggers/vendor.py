"""What `audit.triggers` asks of the module of a kind of database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db.backends.utils import CursorWrapper

PREFIX = "audit_rule_"
"""With which the names of all triggers and functions begin, those of earlier versions of this app too."""


@dataclass(frozen=True, slots=True)
class Tables:
    """How the texts of the triggers name the tables."""

    states: str
    records: str
    schema: str = ""
    """Where functions are made; empty where there are none."""

    def fill(self, text: str) -> str:
        """The text with these names in place of `{states}` and `{records}`."""
        return text.format(states=self.states, records=self.records)


class Vendor(Protocol):
    """A module of triggers."""

    def tables(self, cursor: CursorWrapper, states: str, records: str) -> Tables:
        """Name the tables as texts that outlive the session need it; the arguments are quoted names."""

    def wanted(self, tables: Tables) -> Mapping[str, object]:
        """The triggers by name, as `installed` shows them when they are as they should be."""

    def installed(self, cursor: CursorWrapper, tables: Tables) -> Mapping[str, object]:
        """The triggers by name, as the database has them."""

    def lock(self, cursor: CursorWrapper, tables: Tables) -> None:
        """Let another `migrate`, and writers, wait for the end of this transaction."""

    def create(self, cursor: CursorWrapper, tables: Tables) -> None:
        """Make all triggers; the rows that are there are not looked at."""

    def drop(self, cursor: CursorWrapper) -> None:
        """Remove all triggers."""
