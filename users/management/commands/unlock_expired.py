"""Lifts expired locks by cron, for people who do not try to log in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users.schedule import locks


class Command(BaseCommand):
    """Safe to run twice at once and beside logins: each lock is lifted once, with one record."""

    help = "Unlocks accounts whose lock has expired."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise `CommandError` at the end if the database refused to unlock some accounts."""
        outcome = locks.lift_expired()
        self.stdout.write(f"{outcome.lifted} unlocked")
        if outcome.refused:
            raise CommandError(f"{outcome.refused} could not be unlocked; the log says which")
