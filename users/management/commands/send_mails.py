import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError
from django.db import router

from users.mail import delivery
from users.management.reporting import ReportingCommand
from users.models import Mail

LONGEST = 86_400.0  # a day, in seconds


def seconds(text: str) -> float:
    """Parse a number of seconds above 0, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LONGEST:  # "nan" is not either
        raise ArgumentTypeError(f"{text!r} is not a number of seconds from above 0 to {LONGEST:g}")
    return value


class Command(ReportingCommand):
    """Send waiting emails, by cron or as a worker with `--every`."""

    help = "Sends the waiting emails in the queue, including those whose next attempt is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=seconds, metavar="SECONDS", help="keep running, and check the queue this often"
        )

    def handle(self, *, every: float | None, **options: Any) -> None:
        """Raise `CommandError` if an email could not be sent; with `every`, only report it."""
        using = router.db_for_write(Mail)
        while True:
            outcome = delivery.run(using=using)
            if every is None or outcome.sent or outcome.failed:
                self.report(f"{outcome.sent} sent, {outcome.failed} failed", sent=outcome.sent, failed=outcome.failed)
                self.write_json()  # an object for each round, as it happens
            if every is None:
                break
            time.sleep(every)
        if outcome.failed:
            raise CommandError("Some emails could not be sent. The admin shows which ones, and why.")
