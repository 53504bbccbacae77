import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.utils import timezone

from users.conf import conf
from users.management.reporting import ReportingCommand
from users.schedule import dormancy


def days(text: str) -> timedelta:
    """Parse a number of days such as `90d`."""
    if not (found := re.fullmatch(r"([1-9]\d{0,4})d", text, re.ASCII)):
        raise ArgumentTypeError(f"{text!r} is not a number of days such as 90d")
    return timedelta(days=int(found[1]))


class Command(ReportingCommand):
    """Warn people about their dormant accounts, and deactivate those who were warned. To be run every day."""

    help = (
        "Warns people who have not logged in for a long time by email, and deactivates their accounts if they still "
        "do not log in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=days, help="days without a login, such as 90d (USERS_DORMANT_AFTER)")
        parser.add_argument("--warn", type=days, help="days of warning, such as 14d (USERS_DORMANT_WARNING)")
        parser.add_argument("--dry-run", action="store_true", help="only show who would be warned or deactivated")

    def handle(self, *, after: timedelta | None, warn: timedelta | None, dry_run: bool, **options: Any) -> None:
        """Raise `CommandError` if the warning would come too late, or if an email could not be sent."""
        after, warn = after or conf.dormant_after, warn or conf.dormant_warning
        if warn >= after:
            raise CommandError("--warn must have fewer days than --after.")
        if dry_run:
            self._show_who(after, warn)
            return
        outcome = dormancy.run(after, warn)
        self.report(
            f"{outcome.warned} warned, {outcome.deactivated} deactivated",
            dry_run=False,
            warned=outcome.warned,
            deactivated=outcome.deactivated,
            not_sent=outcome.not_sent,
        )
        if outcome.not_sent:
            raise CommandError(f"{outcome.not_sent} could not be sent an email; the next run tries again")

    def _show_who(self, after: timedelta, warn: timedelta) -> None:
        now, username_field = timezone.now(), f"user__{get_user_model().USERNAME_FIELD}"
        for what, accounts in (
            ("warn", dormancy.to_warn(after, warn, now)),
            ("deactivate", dormancy.to_deactivate(after, warn, now)),
        ):
            usernames = [str(name) for name in accounts.order_by("pk").values_list(username_field, flat=True)]
            for username in usernames:
                self.report(f"would {what} {username}")
            self.add_fact(**{"dry_run": True, f"would_{what}": usernames})
