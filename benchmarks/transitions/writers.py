"""Eight processes at once, each on accounts of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import cycle

from django.contrib.auth.models import User
from django.db import connection

from benchmarks.accounts import people
from benchmarks.measuring.harness import OURS, Result, contest, hand_in
from benchmarks.measuring.processes import Worker, obey
from benchmarks.peers import models
from benchmarks.transitions import single

WRITERS = 8
ACCOUNTS = 250  # for each of them
ROUNDS = 7
CALLS = 50


def work(number: int) -> None:
    """What a writer does: for each name that it reads, so many transitions of its own accounts."""
    admin = User.objects.get(username="admin")
    own = slice(number * ACCOUNTS, (number + 1) * ACCOUNTS)
    calls = {
        OURS: single.ours(admin, cycle(people.known()[own])),
        single.FSM_LOG: single.fsm_log(admin, cycle(models.WithFsmLog.objects.order_by("pk")[own])),
    }

    def many(name: str) -> None:
        for _ in range(CALLS):
            calls[name]()

    obey({name: partial(many, name) for name in calls})


def main() -> None:
    people.migrate()
    people.active_users(WRITERS * ACCOUNTS)
    User.objects.create_user("admin")
    models.WithFsmLog.objects.bulk_create(models.WithFsmLog(name=f"person-{n}") for n in range(WRITERS * ACCOUNTS))
    with ExitStack() as running:
        writers = [Worker(work, number, running=running) for number in range(WRITERS)]

        def all_at_once(name: str) -> Callable[[], None]:
            def call() -> None:
                for writer in writers:
                    writer.start(name)
                for writer in writers:
                    writer.wait()

            return call

        racers = {name: all_at_once(name) for name in (OURS, single.FSM_LOG)}
        times = contest(racers, rounds=ROUNDS, calls=1, units=WRITERS * CALLS)
    hand_in(
        [
            Result(
                title=f"{WRITERS} writers on different accounts",
                database=connection.vendor,
                unit="transition",
                against=OURS,
                **times,
                rounds=ROUNDS,
            )
        ]
    )
