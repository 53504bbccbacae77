"""Ten thousand accounts at once, locked and unlocked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from simple_history.utils import bulk_update_with_history

from benchmarks.accounts import people
from benchmarks.measuring.harness import OURS, Result, contest, hand_in
from benchmarks.peers import limit, models
from users.models import UserFSM
from users.states import State

ACCOUNTS = 10_000
ROUNDS = 7
WHY = "audit of the contractors"


def contestants(admin: User) -> dict[str, Callable[[], Any]]:
    """Each call moves all accounts one state on."""
    return {
        limit.NAME: _limit,
        OURS: _ours(admin),
        "django-pghistory, QuerySet.update": _pghistory(admin),
        "django-simple-history, bulk_update_with_history": _simple_history(admin),
    }


def _limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute(limit.OF_ALL, limit.params(_state(), WHY))


def _ours(admin: User) -> Callable[[], None]:
    def move() -> None:
        source, _, name = people.next_step(_state())
        UserFSM.objects.in_state(State(source)).bulk_transition(name, by=admin, description=WHY)

    return move


def _pghistory(admin: User) -> Callable[[], None]:
    import pghistory

    accounts = models.WithPghistory.objects
    accounts.bulk_create(models.WithPghistory(name=f"person-{number}") for number in range(ACCOUNTS))

    def move() -> None:
        source, target, _ = people.next_step(accounts.values_list("state", flat=True)[0])
        with pghistory.context(user=admin.pk, reason=WHY):
            accounts.filter(state=source).update(state=target)

    return move


def _simple_history(admin: User) -> Callable[[], None]:
    model = models.WithSimpleHistory
    model.objects.bulk_create(model(name=f"person-{number}") for number in range(ACCOUNTS))

    def move() -> None:
        accounts = list(model.objects.all())
        with transaction.atomic():
            for account in accounts:
                people.move(account, account.state)
            bulk_update_with_history(
                accounts, model, ["state"], batch_size=1000, default_user=admin, default_change_reason=WHY
            )

    return move


def _fsm_log(admin: User, count: int) -> Callable[[], None]:
    model = models.WithFsmLog
    model.objects.bulk_create(model(name=f"person-{number}") for number in range(count))

    def move() -> None:
        with transaction.atomic():
            for account in model.objects.all():
                people.move(account, account.state, by=admin, description=WHY)
                account.save()

    return move


def _state() -> str:
    return UserFSM.objects.exclude(current_state=State.INVITED).values_list("current_state", flat=True)[0]


def main() -> None:
    people.migrate()
    people.active_users(ACCOUNTS)
    admin = User.objects.create_user("admin")  # invited, so that it is not among those who are moved
    times = contest(contestants(admin), rounds=ROUNDS, calls=1, units=ACCOUNTS, between=_rest)
    # A tenth of them, for it takes as long for each.
    loop = contest(
        {"django-fsm-log, a loop in one transaction": _fsm_log(admin, ACCOUNTS // 10)},
        rounds=ROUNDS,
        calls=1,
        units=ACCOUNTS // 10,
    )
    for each, of_loop in zip(times.values(), loop.values(), strict=True):
        each.update(of_loop)
    hand_in(
        [
            Result(
                title="Ten thousand at once",
                database=connection.vendor,
                unit="account",
                against=limit.NAME,
                **times,
                rounds=ROUNDS,
            )
        ]
    )


def _rest() -> None:
    """Clear away what the turn before has left behind, so that nobody pays for another's rows."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("CHECKPOINT")
