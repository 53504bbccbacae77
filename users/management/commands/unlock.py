"""Unlocks an account from the shell, for example the last superuser's."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import router

from users.backends import StateBackend
from users.exceptions import TransitionRefused
from users.management import acting
from users.management.reporting import ReportingCommand
from users.models import UserFSM
from users.rows.user_model import login_name


class Command(ReportingCommand):
    """Recorded like any transition, with `CLI` as actor and address."""

    help = "Unlocks an account, whatever locked it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the name that the person logs in with")
        parser.add_argument("--description", default="from the command line", help="the reason, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        # Where a default manager hides inactive people, the login does not find them.
        user = (
            StateBackend().find(options["username"])
            or acting.people([options["username"]], using=router.db_for_write(UserFSM))[0]
        )
        try:
            user.fsm.unlock(description=options["description"])
        except TransitionRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        username = login_name(user)
        self.report(f"{username} is unlocked", username=username, state=user.fsm.current_state)
