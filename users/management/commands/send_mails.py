import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import router

from users.mail import delivery
from users.models import Mail


class Command(BaseCommand):
    """Send the emails that wait; for cron, or with `--every` as a worker."""

    help = "Sends the emails that wait in the queue, those whose next try is due among them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on, and look that often")

    def handle(self, *, every: float | None, **options: Any) -> None:
        """Raise `CommandError` where an email could not be sent; with `every`, only say so."""
        using = router.db_for_write(Mail)
        while True:
            outcome = delivery.run(using=using)
            if every is None or outcome.sent or outcome.failed:
                self.stdout.write(f"{outcome.sent} sent, {outcome.failed} failed")
            if every is None:
                break
            time.sleep(every)
        if outcome.failed:
            raise CommandError("Some emails could not be sent; the admin shows which, and why.")
