from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users.exceptions import ListNotReadable
from users.invitations import lists

PROGRESS_EVERY = 100


class Command(BaseCommand):
    """Invite the people on a list. Lines with errors are reported and skipped."""

    help = "Invites the people in a CSV file whose first line names the columns email and username."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only show the errors, line by line")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        """Raise `CommandError` at the end if anybody was not invited."""
        try:
            lines = lists.read(file.read_bytes())
        except (OSError, ListNotReadable) as error:
            raise CommandError(str(error)) from error
        good = sum(not line.problems for line in lines)
        if dry_run:
            self._show_problems([line for line in lines if line.problems])
            self.stdout.write(f"{good} of {len(lines)} can be invited")
        else:
            self._invite(lines, good)

    def _invite(self, lines: list[lists.Line], good: int) -> None:
        def show(done: int) -> None:
            if done % PROGRESS_EVERY == 0:
                self.stdout.write(f"{done} of {good}")

        outcome = lists.invite_all(lines, by="CLI", on_progress=show)
        self._show_problems(outcome.refused)
        for line in outcome.not_sent:
            self.stderr.write(f"line {line.number}: {line.username}: is invited, but the email could not be sent")
        self.stdout.write(f"{len(outcome.invited)} of {len(lines)} invited")
        if outcome.error:
            raise CommandError(
                f"{outcome.error}; {len(outcome.left)} were not tried. Run the command again to continue."
            )
        if outcome.refused:
            raise CommandError(f"{len(outcome.refused)} were skipped")

    def _show_problems(self, lines: list[lists.Line]) -> None:
        for line in lines:
            self.stderr.write(f"line {line.number}: {line.username or line.email}: {' '.join(line.problems)}")
