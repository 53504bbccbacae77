"""One transition where the database is a network away, so that it counts how often a transition waits for it."""

from __future__ import annotations

from itertools import cycle

from django.contrib.auth.models import User
from django.db import connection

from benchmarks.accounts import people
from benchmarks.measuring.distance import DELAY, away
from benchmarks.measuring.harness import MILLISECONDS, OURS, Result, contest, hand_in
from benchmarks.peers import models
from benchmarks.transitions import single

ROUNDS = 9
CALLS = 40


def main() -> None:
    people.migrate()
    people.active_users(single.ACCOUNTS)
    admin = User.objects.create_user("admin")
    racers = {
        OURS: single.ours(admin, cycle(people.known())),
        single.PGHISTORY: single.pghistory_with_context(admin),
        single.FSM_LOG: single.fsm_log(admin, single.accounts_of(models.WithFsmLog)),
    }
    with away():
        times = contest(racers, rounds=ROUNDS, calls=CALLS, measure=MILLISECONDS)
    hand_in(
        [
            Result(
                title=f"One transition, {DELAY * 1000:.0f} ms away from the database",
                database=connection.vendor,
                unit="transition",
                measure=MILLISECONDS,
                against=OURS,
                **times,
                rounds=ROUNDS,
                note="Every message takes 1 ms each way, so a statement that is waited for costs 2 ms.",
            )
        ]
    )
