"""Lifts expired locks by cron, for people who do not try to log in."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.utils import timezone

from users.login import lockout
from users.models import UserFSM

logger = logging.getLogger("users.lockout")


class Command(BaseCommand):
    """Safe to run twice at once and beside logins: each lock is lifted once, with one record."""

    help = "Unlocks accounts whose lock has expired."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise `CommandError` at the end if the database refused to unlock some accounts."""
        lifted = refused = 0
        expired = UserFSM.objects.with_expired_lock(timezone.now()).select_related("user").order_by("pk")
        for fsm in expired.iterator():
            try:
                lifted += lockout.lift_expired_lock(fsm)
            except IntegrityError:  # this account's state and record disagree; go on with the others
                logger.exception("could not unlock %r", fsm.user.get_username())
                refused += 1
        self.stdout.write(f"{lifted} unlocked")
        if refused:
            raise CommandError(f"{refused} could not be unlocked; the log says which")
