"""What changes and questions take where there are a thousand records, a hundred thousand and a million."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from audit.export.paging import NEWEST_FIRST
from audit.models import UserStateAudit
from benchmarks.accounts import history, people
from benchmarks.databases import RECORDS
from benchmarks.measuring.harness import MICROSECONDS, MILLISECONDS, Result, contest, hand_in
from benchmarks.transitions import single
from users.models import UserFSM
from users.states import State

ACCOUNTS = 500
ROUNDS = 9
CALLS = 50
PAGE = 100

Racers = dict[str, Callable[[], Any]]


def main() -> None:
    names = {f"{records:,} records": alias for alias, records in RECORDS.items()}
    for alias, records in RECORDS.items():
        people.migrate_beside(alias)
        history.write(ACCOUNTS, changes=records // ACCOUNTS, using=alias)
        User.objects.db_manager(alias).create_user("admin")

    def of(kind: Callable[[str], Callable[[], Any]]) -> Racers:
        return {name: kind(alias) for name, alias in names.items()}

    hand_in([result("One more transition", "transition", of(one), calls=CALLS)])
    hand_in([result("One of all in a bulk transition", "account", of(bulk), units=2 * moved())])
    hand_in([result("The newest 100 records", "page", of(newest), calls=5, measure=MILLISECONDS)])
    hand_in([result("The record of one person", "page", of(of_one), calls=5, measure=MILLISECONDS)])


def one(alias: str) -> Callable[[], None]:
    """A transition of one account after another."""
    return single.ours(User.objects.using(alias).get(username="admin"), people.accounts(using=alias))


def bulk(alias: str) -> Callable[[], None]:
    """All accounts, there and back."""
    accounts = UserFSM.objects.using(alias)
    accounts.in_state(State.LOCKED).bulk_transition("unlock", by="benchmark")

    def move() -> None:
        for state, name in ((State.ACTIVE, "lock"), (State.LOCKED, "unlock")):
            accounts.filter(user__username__startswith="person-").in_state(state).bulk_transition(name, by="benchmark")

    return move


def moved() -> int:
    """How many accounts are moved there and back: those that are not deactivated."""
    ends = [history.change(number, 2, 2)[2] for number in range(1, ACCOUNTS + 1)]
    return len(ends) - ends.count(State.DEACTIVATED)


def newest(alias: str) -> Callable[[], object]:
    """The first page of the list."""
    return lambda: list(UserStateAudit.objects.using(alias).order_by(*NEWEST_FIRST)[:PAGE])


def of_one(alias: str) -> Callable[[], object]:
    """The first page of somebody's own history, found by the name."""
    records = UserStateAudit.objects.using(alias).filter(username__istartswith="person-471")
    return lambda: list(records.order_by(*NEWEST_FIRST)[:PAGE])


def result(
    title: str, unit: str, racers: Racers, *, calls: int = 1, units: int = 1, measure: str = MICROSECONDS
) -> Result:
    times = contest(racers, rounds=ROUNDS, calls=calls, units=units, measure=measure)
    against = next(iter(racers))
    return Result(
        title=title, database=connection.vendor, unit=unit, against=against, rounds=ROUNDS, measure=measure, **times
    )
