"""
What a failed and a successful login cost, and how many guesses of a burst get an answer: ours beside django-axes.

    pip install django-axes==8.3.1
    python -m benchmarks.failed_login

Each side is a process of its own on a PostgreSQL database of its own, in one server; they take turns, round by round.
The hasher is cheap, so that what is measured is not the hash. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import IO, Any, cast

import django
import psycopg

from tests.postgres import server

SIDES = {"ours": "tests.settings", "django-axes": "benchmarks.axes_settings"}
PASSWORD = "correct horse"  # noqa: S105 - of people who do not exist
LIMIT = 5
GUESSES = 60
LOGINS_A_ROUND = 40
NO_LIMIT = 10**6


def main() -> None:
    """Run both sides in turn and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="default: %(default)s")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        answer(arguments.side)
        return
    results: dict[str, dict[str, list[Any]]] = {side: {name: [] for name in TASKS} for side in SIDES}
    with server() as url, ExitStack() as stack:
        sides = {side: stack.enter_context(running(side, url)) for side in SIDES}
        for _ in range(arguments.rounds):
            for side, ask in sides.items():
                for task in TASKS:
                    results[side][task].append(ask(task))
    report(results, arguments.rounds)


def report(results: dict[str, dict[str, list[Any]]], rounds: int) -> None:
    """Print statements, times with their ratio, and what became of the bursts."""
    for task in ("failed", "successful"):
        times = {side: statistics.median(each["seconds"] for each in results[side][task]) for side in SIDES}
        for side, seconds in times.items():
            statements = results[side][task][-1]["statements"]
            ratio = seconds / times["ours"]
            print(
                f"{task:>10} login  {side:12} {statements:3} statements {seconds * 1e3:7.2f} ms  {ratio:5.2f} of ours"
            )
    print(f"bursts of {GUESSES}, limit {LIMIT}; by chance the right one gets in in {rounds * LIMIT / GUESSES:.1f}")
    for side in SIDES:
        answered = [each["answered"] for each in results[side]["burst"]]
        got_in = sum(each["got_in"] for each in results[side]["lottery"])
        print(f"  {side:12} {min(answered)} to {max(answered)} answered, the right one got in in {got_in} of {rounds}")


@contextmanager
def running(side: str, url: str) -> Iterator[Callable[[str], Any]]:
    """Start a side on a database of its own; gives a function that lets it do a task and returns the outcome."""
    name = f"bench_{side.replace('-', '_')}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    environment = os.environ | {
        "DATABASE_URL": url.replace("/postgres?", f"/{name}?"),
        "DJANGO_SETTINGS_MODULE": SIDES[side],
    }
    command = [sys.executable, "-m", "benchmarks.failed_login", "--side", side]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        requests, answers = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)

        def ask(task: str) -> Any:
            print(task, file=requests, flush=True)
            return json.loads(answers.readline())

        yield ask
        requests.close()


def answer(side: str) -> None:
    """Be one side: do the tasks that standard input names, and answer each with a line of JSON."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for number, line in enumerate(sys.stdin):
        print(json.dumps(TASKS[line.strip()](side, number)), flush=True)


def person(side: str, name: str) -> Any:
    """Somebody who may log in."""
    from django.contrib.auth.models import User

    user = User.objects.create_user(name, password=PASSWORD)
    if side == "ours":
        user.fsm.activate(by="system")
    return user


def limit(value: int) -> None:
    """Set the limit of failed logins for either side."""
    from django.conf import settings

    settings.AXES_FAILURE_LIMIT = settings.USERS_LOCKOUT_FAILURE_LIMIT = value


def request() -> Any:
    """A login's request, with a session."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import RequestFactory

    made = RequestFactory().post("/accounts/login/", REMOTE_ADDR="127.0.0.1")
    made.session = SessionStore()
    return made


def failed(side: str, number: int) -> dict[str, Any]:
    """Wrong passwords, one after the other, under a limit that is far away."""
    from django.contrib.auth import authenticate

    limit(NO_LIMIT)
    user = person(side, f"failed{number}")
    return measured(lambda: authenticate(request(), username=user.username, password="wrong"))  # noqa: S106


def successful(side: str, number: int) -> dict[str, Any]:
    """Right passwords, each with the login that follows."""
    from django.contrib.auth import authenticate, login

    limit(NO_LIMIT)
    user = person(side, f"successful{number}")

    def log_in() -> None:
        made = request()
        login(made, authenticate(made, username=user.username, password=PASSWORD))

    return measured(log_in)


def measured(call: Callable[[], object]) -> dict[str, Any]:
    """Seconds for one call, as the median of some, and its statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call()
    with CaptureQueriesContext(connection) as queries:
        call()
    times = []
    for _ in range(LOGINS_A_ROUND):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return {"seconds": statistics.median(times), "statements": len(queries)}


def burst(side: str, number: int) -> dict[str, Any]:
    """
    Parallel wrong passwords, and how many of them were answered.

    For django-axes that is each that was checked; for us each that counted: the others are refused whatever they are.
    """
    from django.contrib.auth.models import User

    user = person(side, f"burst{number}")
    checked: list[str | None] = []
    check_password = User.check_password

    def counting(self: User, password: str | None) -> bool:
        checked.append(password)
        return check_password(self, password)

    User.check_password = counting  # type: ignore[method-assign, assignment]
    try:
        guess(user, [f"guess {each}" for each in range(GUESSES)])
    finally:
        User.check_password = check_password  # type: ignore[method-assign]
    return {"answered": len(checked) if side == "django-axes" else counted(user)}


def lottery(side: str, number: int) -> dict[str, Any]:
    """Parallel guesses with the right password at a random place among them, and whether it got in."""
    user = person(side, f"lottery{number}")
    passwords = [f"guess {each}" for each in range(GUESSES - 1)]
    passwords.insert(random.randrange(GUESSES), PASSWORD)  # noqa: S311 - a place in a list
    return {"got_in": user in guess(user, passwords)}


def guess(user: Any, passwords: list[str]) -> list[Any]:
    """Try all of them at the same moment; return whom each let in, or None."""
    from django.contrib.auth import authenticate

    from tests.threads import at_once

    limit(LIMIT)
    return at_once(*(partial(authenticate, request(), username=user.username, password=each) for each in passwords))


def counted(user: Any) -> int:
    """How many wrong passwords our lockout has counted for this user."""
    from users.models import UserFSM

    return UserFSM.objects.get(user=user).failed_logins_untold


TASKS = {"failed": failed, "successful": successful, "burst": burst, "lottery": lottery}

if __name__ == "__main__":
    main()
