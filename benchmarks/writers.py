"""Eight processes at once, each on accounts of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from typing import IO, cast

from django.contrib.auth.models import User
from django.db import connection

from benchmarks import people, single
from benchmarks.harness import OURS, Result, contest, hand_in
from benchmarks.peers import models

WRITERS = 8
ACCOUNTS = 250  # for each of them
ROUNDS = 7
CALLS = 50
FSM_LOG = "django-fsm-log in a transaction"
CHILD = "import django, sys; django.setup(); from benchmarks import writers; writers.work(int(sys.argv[1]))"


class Writer:
    """Another process, which makes as many transitions as it is told."""

    def __init__(self, number: int, running: ExitStack) -> None:
        command = [sys.executable, "-c", CHILD, str(number)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.enter_context(process)
        self.told, self.tells = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)

    def start(self, name: str) -> None:
        """Tell it to begin."""
        self.told.write(f"{name}\n")
        self.told.flush()

    def wait(self) -> None:
        """Return when it is through; raises `RuntimeError` where it failed."""
        if self.tells.readline() != "done\n":
            raise RuntimeError("a writer failed")


def work(number: int) -> None:
    """What a writer does: for each name that it reads, so many transitions of its own accounts."""
    admin = User.objects.get(username="admin")
    own = slice(number * ACCOUNTS, (number + 1) * ACCOUNTS)
    calls = {
        OURS: single.ours(admin, cycle(people.known()[own])),
        FSM_LOG: single.fsm_log(admin, cycle(models.WithFsmLog.objects.order_by("pk")[own])),
    }
    for line in sys.stdin:
        for _ in range(CALLS):
            calls[line.strip()]()
        print("done", flush=True)


def main() -> None:
    people.migrate()
    people.active_users(WRITERS * ACCOUNTS)
    User.objects.create_user("admin")
    models.WithFsmLog.objects.bulk_create(models.WithFsmLog(name=f"person-{n}") for n in range(WRITERS * ACCOUNTS))
    with ExitStack() as running:
        writers = [Writer(number, running) for number in range(WRITERS)]

        def all_at_once(name: str) -> Callable[[], None]:
            def call() -> None:
                for writer in writers:
                    writer.start(name)
                for writer in writers:
                    writer.wait()

            return call

        racers = {name: all_at_once(name) for name in (OURS, FSM_LOG)}
        times = contest(racers, rounds=ROUNDS, calls=1, units=WRITERS * CALLS)
    hand_in(
        [
            Result(
                title=f"{WRITERS} writers on different accounts",
                database=connection.vendor,
                unit="transition",
                against=OURS,
                values=times,
                rounds=ROUNDS,
            )
        ]
    )
