"""Reports of commands: text for people, or with `--json` one JSON object for scripts."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

WITHOUT_WAY_IN = "without a password and without an email address to choose one: %s"
"""Of accounts that were opened, which administrators have to know."""


class ReportingCommand(BaseCommand):
    """
    A command that says what it did.

    With `--json`, standard output has one line, an object with the facts of all reports, and nothing else. It is
    written also if the command fails after its first report. Errors are on standard error in both cases.
    """

    as_json = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add `--json` to the options of the command."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", dest="as_json", action="store_true", help="print the result as one JSON object")
        return parser

    def execute(self, *args: Any, as_json: bool = False, **options: Any) -> str | None:
        """Run the command, and write what it reported as JSON if that was asked for."""
        self.as_json = as_json
        self.facts: dict[str, Any] = {}
        try:
            return super().execute(*args, **options)
        finally:
            self.write_json()

    def report(self, text: str, **facts: Any) -> None:
        """Print the text, or with `--json` keep the facts for the object."""
        self.facts |= facts
        if not self.as_json:
            self.stdout.write(text)

    def add_fact(self, **facts: Any) -> None:
        """Add facts to the object that the text does not name, or that are named on standard error."""
        self.facts |= facts

    def write_json(self) -> None:
        """Write the facts reported so far as one line, and begin anew."""
        if self.as_json and self.facts:
            self.stdout.write(json.dumps(self.facts, default=str))
        self.facts = {}


def in_accounts(count: int) -> str:
    """Return a number of accounts in words."""
    return f"{count:,} account{'' if count == 1 else 's'}"
