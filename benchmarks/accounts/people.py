"""Accounts to measure with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet

from users.models import UserFSM
from users.rows.provisioning import provision_missing
from users.states import State

BATCH = 5000


def migrate(*, using: str = "default") -> None:
    """Make the tables; those of the peers' models, which have no migrations, come last: they name the users'."""
    for run_syncdb in (False, True):
        call_command("migrate", run_syncdb=run_syncdb, verbosity=0, database=using)
    if settings.POSTGRESQL:
        call_command("pgtrigger", "install", database=using)


def migrate_beside(alias: str) -> None:
    """Make another database with its tables, one of `databases.NAMES`."""
    if settings.POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {alias}")
    migrate(using=alias)


def active_users(count: int, *, using: str = "default") -> None:
    """Make so many users with an active account; each has one record, that of the activation."""
    users = [User(username=f"user-{number}", password="!") for number in range(count)]  # noqa: S106 - no password fits
    User.objects.using(using).bulk_create(users, batch_size=BATCH)
    provision_missing(using=using)
    UserFSM.objects.using(using).in_state(State.INVITED).bulk_transition("activate")


def known(*, using: str = "default") -> QuerySet[UserFSM]:
    """Accounts that `move` can move, with their users, as a view or a shell would have them in hand."""
    movable = UserFSM.objects.using(using).filter(current_state__in=[State.ACTIVE, State.LOCKED])
    return movable.select_related("user").order_by("pk")


def accounts(*, using: str = "default") -> Iterator[UserFSM]:
    """All of them, for ever round."""
    return cycle(known(using=using))


def move(account: Any, state: str, **kwargs: Any) -> None:
    """Lock an active account and unlock a locked one."""
    (account.lock if state == "active" else account.unlock)(**kwargs)


def next_step(state: str) -> tuple[str, str, str]:
    """The source, the target and the name of the transition that `move` makes in this state."""
    return ("active", "locked", "lock") if state == "active" else ("locked", "active", "unlock")
