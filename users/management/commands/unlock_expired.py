"""Lifts expired locks by cron, for people who do not try to log in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from users.management.reporting import ReportingCommand
from users.schedule import locks


class Command(ReportingCommand):
    """Safe to run twice at once and beside logins: each lock is lifted once, with one record."""

    help = "Unlocks accounts whose lock has expired."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise `CommandError` at the end if some accounts could not be unlocked."""
        outcome = locks.lift_expired()
        self.report(f"{outcome.lifted} unlocked", unlocked=outcome.lifted, failed=outcome.failed)
        if outcome.failed:
            raise CommandError(f"{outcome.failed} could not be unlocked; the log says which")
