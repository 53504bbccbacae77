"""What the triggers cost: transitions with them and without them; and putting them on where there are many records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from audit import triggers
from audit.models import UserStateAudit
from benchmarks.accounts import history, people
from benchmarks.databases import EMPTY, WITHOUT_TRIGGERS
from benchmarks.measuring.harness import MILLISECONDS, Measured, Result, contest, hand_in
from benchmarks.transitions import single
from users.models import UserFSM
from users.states import State

DATABASES = {"without triggers": WITHOUT_TRIGGERS, "with triggers": "default"}
ACCOUNTS = 1_000
ROUNDS = 11
CALLS = 50
MANY = 10_000
"""How many people there are where the triggers are put on many records."""


def main() -> None:
    people.migrate()
    people.migrate_beside(WITHOUT_TRIGGERS)
    triggers.remove(WITHOUT_TRIGGERS)
    for using in DATABASES.values():
        people.active_users(ACCOUNTS, using=using)
    if triggers.missing("default") or not triggers.missing(WITHOUT_TRIGGERS):
        raise RuntimeError("the triggers are not where they belong")
    hand_in([transition(), batch(), installation()])


def transition() -> Result:
    """Of one account after another."""
    racers = {
        name: single.ours(User.objects.db_manager(using).create_user("admin"), people.accounts(using=using))
        for name, using in DATABASES.items()
    }
    return result("One transition", "transition", contest(racers, rounds=ROUNDS, calls=CALLS))


def batch() -> Result:
    """Of all accounts at once, there and back."""
    racers = {name: there_and_back(using) for name, using in DATABASES.items()}
    times = contest(racers, rounds=ROUNDS, calls=1, units=2 * ACCOUNTS)
    return result(f"One of {ACCOUNTS:,} in a bulk transition", "account", times)


def there_and_back(using: str) -> Callable[[], None]:
    """Lock all accounts and unlock them again."""
    accounts = UserFSM.objects.using(using)
    accounts.in_state(State.LOCKED).bulk_transition("unlock", by="benchmark")

    def move() -> None:
        for state, name in ((State.ACTIVE, "lock"), (State.LOCKED, "unlock")):
            changed = accounts.in_state(state).bulk_transition(name, by="benchmark").changed
            if changed != ACCOUNTS:
                raise RuntimeError(f"{name}: {changed} accounts")

    return move


def installation() -> Result:
    """Where there are many records, beside where there is none."""
    people.migrate_beside(EMPTY)
    history.write(MANY, using=WITHOUT_TRIGGERS)
    records = UserStateAudit.objects.using(WITHOUT_TRIGGERS).count()
    racers = {"no records": off_and_on(EMPTY), f"{records:,} records": off_and_on(WITHOUT_TRIGGERS)}
    times = contest(racers, rounds=ROUNDS, calls=1, measure=MILLISECONDS)
    return result("The triggers off and on again, which a migration does", "migration", times, measure=MILLISECONDS)


def off_and_on(using: str) -> Callable[[], None]:
    """Let the rules go, and hold them again."""

    def call() -> None:
        triggers.remove(using)
        triggers.install(using)

    return call


def result(title: str, unit: str, times: Measured, **more: Any) -> Result:
    """A contest whose first contestant is the measure."""
    against = next(iter(times["values"]))
    return Result(title=title, database=connection.vendor, unit=unit, against=against, rounds=ROUNDS, **times, **more)
