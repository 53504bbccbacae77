"""For cron: lifts the locks whose end has come, for people who do not try to log in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from users import lockout
from users.models import UserFSM


class Command(BaseCommand):
    """Safe to run twice at once and beside logins: each lock is lifted once, with one record."""

    help = "Unlocks the accounts whose automatic lock has ended."

    def handle(self, *args: Any, **options: Any) -> None:
        expired = UserFSM.objects.with_expired_lock(timezone.now()).order_by("pk")
        lifted = sum(lockout.lift_expired_lock(fsm) for fsm in expired.iterator())
        self.stdout.write(f"{lifted} unlocked")
