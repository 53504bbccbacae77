"""What a failed and a successful login cost, and how many guesses of a burst get an answer: ours beside django-axes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from statistics import median

from django.conf import settings
from django.db import connection

from benchmarks.logins.sides import GUESSES, LIMIT, LOGINS, serve
from benchmarks.measuring.harness import OURS, Result, contest, hand_in
from benchmarks.measuring.processes import Worker

AXES = "django-axes"
AXES_DATABASE = "axes"
ROUNDS = 12

Sides = dict[str, Worker]


def main() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {AXES_DATABASE}")
    with ExitStack() as running:
        sides = {
            OURS: Worker(serve, running=running),
            AXES: Worker(serve, running=running, environment=environment_of_axes()),
        }
        hand_in([login("failed", sides), login("successful", sides), guesses(sides)])


def environment_of_axes() -> dict[str, str]:
    """Settings of its own, and a database of its own on the same server."""
    url = os.environ["DATABASE_URL"]
    name = f"/{settings.DATABASES['default']['NAME']}?"
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.peers.axes_settings",
        "DATABASE_URL": url.replace(name, f"/{AXES_DATABASE}?"),
    }


def login(kind: str, sides: Sides) -> Result:
    """Logins of one person after the other; each turn is a newcomer's."""
    tasks: dict[str, Callable[[], int]] = {name: partial(side.do, kind) for name, side in sides.items()}
    times = contest(tasks, rounds=ROUNDS, calls=1, units=LOGINS, between=partial(all_do, "newcomer", sides))
    return Result(
        title=f"A {kind} login",
        database=connection.vendor,
        unit="login",
        against=OURS,
        **times,
        rounds=ROUNDS,
        statements=all_do(f"statements of {kind}", sides),
        note="The hasher is a cheap one.",
    )


def guesses(sides: Sides) -> Result:
    """Wrong passwords at the same moment; and as many again, one of which is right."""
    bursts = [all_do("burst", sides) for _ in range(ROUNDS)]
    lotteries = [all_do("lottery", sides) for _ in range(ROUNDS)]
    answered = {name: [burst[name] for burst in bursts] for name in sides}
    notes = [
        f"{name}: {min(answered[name])} to {max(answered[name])} answered, and where one of the {GUESSES} was right, it"
        f" got in in {sum(lottery[name] for lottery in lotteries)} of {ROUNDS} rounds."
        for name in sides
    ]
    by_chance = ROUNDS * LIMIT / GUESSES
    return Result(
        title=f"{GUESSES} guesses at the same moment, where {LIMIT} are allowed",
        database=connection.vendor,
        unit="burst",
        measure="answers",
        against=OURS,
        values={name: median(each) for name, each in answered.items()},
        rounds=ROUNDS,
        note=" ".join([*notes, f"By chance it would in {by_chance:.1f}."]),
    )


def all_do(task: str, sides: Sides) -> dict[str, int]:
    """What a task comes to on each side, one after the other."""
    return {name: side.do(task) for name, side in sides.items()}
