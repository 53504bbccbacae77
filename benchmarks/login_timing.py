"""
How long the login page takes to refuse, by why it refuses: what a stranger with a stopwatch could learn.

    python -m benchmarks.login_timing                          # on SQLite
    python -m benchmarks.login_timing --database postgresql

With Django's own hasher, as in production. The reasons take turns, round by round. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from typing import Any

import django

from tests.database import sqlite_file
from tests.postgres import server

DATABASES = {"sqlite": sqlite_file, "postgresql": server}
PASSWORD = "correct horse"  # noqa: S105 - of people who do not exist
WRONG = "a wrong password"
REFUSED = {
    WRONG: ("active", "wrong"),
    "an unknown name": ("nobody", "wrong"),
    "no name at all": ("\0", "wrong"),
    "locked, a wrong password": ("locked", "wrong"),
    "locked, the right password": ("locked", PASSWORD),
    "invited, the right password": ("invited", PASSWORD),
    "deactivated, the right password": ("deactivated", PASSWORD),
}


def main() -> None:
    """Measure each reason and print its median beside that of a wrong password."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--rounds", type=int, default=20, help="default: %(default)s")
    arguments = parser.parse_args()
    with DATABASES[arguments.database]() as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        django.setup()
        times = measured(arguments.rounds)
    medians = {reason: statistics.median(values) for reason, values in times.items()}
    for reason, seconds in medians.items():
        print(f"{reason:32} {seconds * 1e3:7.1f} ms {seconds / medians[WRONG]:6.3f} of a wrong password")


def measured(rounds: int) -> dict[str, list[float]]:
    """Seconds that the login page took, by reason."""
    from django.conf import global_settings, settings
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    settings.USERS_LOCKOUT_FAILURE_LIMIT = 10**6
    make_people()
    client = Client(headers={"host": "localhost"})
    times: dict[str, list[float]] = {reason: [] for reason in REFUSED}
    for _ in range(rounds):
        for reason, (username, password) in REFUSED.items():
            times[reason].append(seconds_of(client, username, password))
    return times


def make_people() -> None:
    """One account in each state."""
    from tests.factories import make_user
    from users.states import State

    for state in State:
        make_user(state.value, state=state, password=PASSWORD)


def seconds_of(client: Any, username: str, password: str) -> float:
    """How long one refusal takes."""
    start = time.perf_counter()
    page = client.post("/accounts/login/", {"username": username, "password": password})
    seconds = time.perf_counter() - start
    if page.status_code != 200 or "Please enter a correct" not in page.text:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{username!r} was not refused")
    return seconds


if __name__ == "__main__":
    main()
