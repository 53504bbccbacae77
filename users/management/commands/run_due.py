"""Does everything that is due, for one line of cron."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from users.administration.saved_views import sending
from users.conf import conf
from users.management.reporting import WITHOUT_WAY_IN, ReportingCommand, in_accounts
from users.schedule import changes, dormancy, locks
from users.signals import work_is_due


class Command(ReportingCommand):
    """Safe to run at any time, twice at once, and beside any other command; run it every few minutes."""

    help = (
        "Makes scheduled changes that are due, lifts expired locks, sends saved views, warns and deactivates dormant "
        "accounts, and does the periodic work of other apps."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-dormancy", action="store_true", help="leave dormant accounts alone")

    def handle(self, *, no_dormancy: bool, **options: Any) -> None:
        """Raise `CommandError` at the end if something could not be done; the next run tries it again."""
        made = changes.run_due()
        self.report(
            f"scheduled changes: {made.made} made, {made.refused} refused",
            scheduled_changes=asdict(made),
        )
        if made.without_way_in:
            self.stderr.write(WITHOUT_WAY_IN % in_accounts(made.without_way_in))
        lifted = locks.lift_expired()
        self.report(
            f"expired locks: {lifted.lifted} unlocked",
            expired_locks={"unlocked": lifted.lifted, "failed": lifted.failed},
        )
        self.report(f"saved views: {(views := sending.run_due())} queued", saved_views={"queued": views})
        failed = made.failed + lifted.failed
        if not no_dormancy:
            failed += self._dormancy()
        failed += self._work_of_others()
        if failed:
            raise CommandError(f"{failed} could not be done; the log says which")

    def _work_of_others(self) -> int:
        failed = 0
        for receiver, answer in work_is_due.send_robust(sender=type(self)):  # which logs errors
            if isinstance(answer, Exception):
                failed += 1
                self.add_fact(**{f"{receiver.__module__}.{receiver.__qualname__}": str(answer)})
            else:
                self.report(answer.text, **{answer.name: answer.facts})
        return failed

    def _dormancy(self) -> int:
        after, warn = conf.dormant_after, conf.dormant_warning
        if warn >= after:
            raise CommandError("USERS_DORMANT_WARNING must be shorter than USERS_DORMANT_AFTER.")
        outcome = dormancy.run(after, warn)
        self.report(
            f"dormant accounts: {outcome.warned} warned, {outcome.deactivated} deactivated",
            dormant_accounts={
                "warned": outcome.warned,
                "deactivated": outcome.deactivated,
                "not_sent": outcome.not_sent,
            },
        )
        return outcome.not_sent
