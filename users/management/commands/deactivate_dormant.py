import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from users import conf
from users.schedule import dormancy


def days(text: str) -> timedelta:
    """Read a number of days such as `90d`."""
    if not (found := re.fullmatch(r"([1-9]\d{0,4})d", text, re.ASCII)):
        raise ArgumentTypeError(f"{text!r} is no number of days such as 90d")
    return timedelta(days=int(found[1]))


class Command(BaseCommand):
    """Warn the people of dormant accounts, and deactivate those who were warned; made to be run every day."""

    help = "Warns by mail who has not logged in for long, and deactivates who was warned and still has not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=days, help="days without a login, such as 90d (USERS_DORMANT_AFTER)")
        parser.add_argument("--warn", type=days, help="days before, such as 14d (USERS_DORMANT_WARNING)")
        parser.add_argument("--dry-run", action="store_true", help="only say who would be warned or deactivated")

    def handle(self, *, after: timedelta | None, warn: timedelta | None, dry_run: bool, **options: Any) -> None:
        """Raise `CommandError` for a warning that would come too late, and where a mail could not be sent."""
        after, warn = after or conf.dormant_after(), warn or conf.dormant_warning()
        if warn >= after:
            raise CommandError("The warning has to come before: give --warn fewer days than --after.")
        if dry_run:
            self._show_who(after, warn)
            return
        outcome = dormancy.run(after, warn)
        self.stdout.write(f"{outcome.warned} warned, {outcome.deactivated} deactivated")
        if outcome.not_sent:
            raise CommandError(f"{outcome.not_sent} could not be sent a mail; the next run tries again")

    def _show_who(self, after: timedelta, warn: timedelta) -> None:
        now, username_field = timezone.now(), f"user__{get_user_model().USERNAME_FIELD}"
        for what, accounts in (
            ("warn", dormancy.to_warn(after, warn, now)),
            ("deactivate", dormancy.to_deactivate(after, warn, now)),
        ):
            for username in accounts.order_by("pk").values_list(username_field, flat=True):
                self.stdout.write(f"would {what} {username}")
