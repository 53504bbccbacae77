"""
What the triggers cost: a transition with them and without them, and putting them on a table of a million rows.

    python -m benchmarks.triggers                          # on SQLite
    python -m benchmarks.triggers --database postgresql

Two databases, one with triggers and one without, take turns within one run, and the median of the rounds counts. They
need not survive a power cut, so a COMMIT costs next to nothing: on a real disk the ratios are nearer to 1. Needs
requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import django

from tests.database import sqlite_file
from tests.postgres import server

DATABASES = {"sqlite": sqlite_file, "postgresql": server}
WITH, WITHOUT = "default", "without"
ACCOUNTS = 1000
ROUNDS = 400
MANY_ROWS = 1_000_000


def main() -> None:
    """Measure on new databases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--rows", type=int, default=MANY_ROWS, help="for putting them on; default: %(default)s")
    arguments = parser.parse_args()
    with DATABASES[arguments.database]() as url:
        set_up(url)
        print(f"Triggers on {arguments.database}")
        compare("one transition", single, rounds=ROUNDS, units=1)
        compare(f"one of {ACCOUNTS} in bulk_transition", bulk, rounds=ROUNDS // 20, units=ACCOUNTS)
        few = installation()
        fill(arguments.rows)
        many = installation()
    print(f"  putting them on: {few * 1e3:.1f} ms with few rows, {many * 1e3:.1f} ms with {arguments.rows:,} records")


def set_up(url: str) -> None:
    """Make two databases with active people, and take the triggers off one."""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    from tests import settings

    default = settings.DATABASES[WITH]
    name = str(Path(default["NAME"]).with_name(f"{WITHOUT}.sqlite3")) if "sqlite" in default["ENGINE"] else WITHOUT
    settings.DATABASES[WITHOUT] = default | {"NAME": name}
    django.setup()
    logging.disable(logging.INFO)
    from django.core.management import call_command
    from django.db import connection

    from audit import triggers

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {WITHOUT}")
    for using in (WITH, WITHOUT):
        call_command("migrate", database=using, verbosity=0)
        add_people(using)
    triggers.remove(WITHOUT)


def add_people(using: str) -> None:
    """Add active accounts."""
    from django.contrib.auth.models import User

    from users.models import UserFSM
    from users.provisioning import provision_missing

    User.objects.using(using).bulk_create(User(username=f"user {number}") for number in range(ACCOUNTS))
    provision_missing(using=using)
    UserFSM.objects.using(using).bulk_transition("activate")


def single(using: str) -> Callable[[], None]:
    """Transitions of one account after another."""
    from users.models import UserFSM

    accounts = cycle(UserFSM.objects.using(using).select_related("user")[:20])

    def move() -> None:
        fsm = next(accounts)
        getattr(fsm, "unlock" if fsm.current_state == UserFSM.State.LOCKED else "lock")(by="benchmark")

    return move


def bulk(using: str) -> Callable[[], None]:
    """Transitions of all accounts at once."""
    from users.models import UserFSM

    UserFSM.objects.using(using).in_state(UserFSM.State.LOCKED).bulk_transition("unlock", by="benchmark")
    names = cycle(("lock", "unlock"))

    def move() -> None:
        UserFSM.objects.using(using).bulk_transition(next(names), by="benchmark")

    return move


def compare(what: str, work_on: Callable[[str], Callable[[], None]], *, rounds: int, units: int) -> None:
    """Do the work on both databases in turns, and print what one unit of it takes."""
    works = {using: work_on(using) for using in (WITHOUT, WITH)}
    times: dict[str, list[float]] = {using: [] for using in works}
    for number in range(rounds):
        for using in (WITHOUT, WITH) if number % 2 else (WITH, WITHOUT):
            times[using].append(measured(works[using]))
    without, with_ = (statistics.median(times[using]) / units * 1e6 for using in (WITHOUT, WITH))
    print(f"  {what}: {without:.0f} µs without, {with_:.0f} µs with, ratio {with_ / without:.2f} ({rounds} rounds)")


def measured(work: Callable[[], None]) -> float:
    """How many seconds it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def installation() -> float:
    """How many seconds it takes to put the triggers on: the median of some times."""
    from audit import triggers

    times = []
    for _ in range(7):
        triggers.remove(WITHOUT)
        times.append(measured(lambda: triggers.install(WITHOUT)))
    triggers.remove(WITHOUT)
    return statistics.median(times)


def fill(rows: int) -> None:
    """Add so many records of nobody where no triggers are."""
    from django.db import connections

    numbers = {
        "postgresql": "SELECT n FROM generate_series(1, %s) AS n",
        "sqlite": "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s",
    }[connections[WITHOUT].vendor]
    with connections[WITHOUT].cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_userstateaudit (user_id, sequence, username, transition, start_state, end_state,"
            " datetime, initiated_by, description, ip_address, user_agent, request_id, signature)"
            " SELECT 1000000 + n / 10, n %% 10 + 1, '', '', 'active', 'locked', '2026-01-01', '', '', '', '', '', ''"
            f" FROM ({numbers}) AS numbers",
            [rows],
        )


if __name__ == "__main__":
    main()
