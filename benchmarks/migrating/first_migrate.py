"""
A project with 100,000 users: the time for each of them until `migrate` has given them their accounts.

Beside it the time of `bulk_create` of the same users, and of a `migrate` that finds nobody without an account. The
tables are there before, for they take as long without users.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from django.core.management import call_command
from django.db import connection

from benchmarks.measuring import cpu
from benchmarks.measuring.harness import MICROSECONDS, PER_SECOND, Result, hand_in

USERS = int(os.environ.get("USERS", "100000"))

INSERT = """
import sys, django; django.setup()
from django.contrib.auth.models import User
count = int(sys.argv[1])
users = (User(username=f"user-{number}", password="!", is_active=bool(number % 5)) for number in range(count))
User.objects.bulk_create(users, batch_size=5000)
"""


def run(*command: str) -> None:
    """Run Python with the settings of the project alone. The journal goes nowhere, but is written."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings"}
    nowhere = subprocess.DEVNULL
    subprocess.run([sys.executable, *command], env=environment, stdout=nowhere, stderr=nowhere, check=True)


STEPS = {
    "bulk_create of the users": ("-c", INSERT, str(USERS)),
    "migrate, which gives them accounts": ("manage.py", "migrate", "--verbosity", "0"),
    "migrate with nothing to do": ("manage.py", "migrate", "--verbosity", "0"),
}


def main() -> None:
    """Take the time of each step. Raises `CommandError` where the record does not verify."""
    call_command("migrate", verbosity=0)
    times, busy = {}, {}
    for name, command in STEPS.items():
        connection.ensure_connection()  # behind which the server is found
        others, start = _cpu(), time.perf_counter()
        run(*command)
        times[name] = (time.perf_counter() - start) / USERS * PER_SECOND[MICROSECONDS]
        busy[name] = (_cpu() - others) / USERS * PER_SECOND[MICROSECONDS]
    run("manage.py", "audit_verify")
    hand_in(
        [
            Result(
                title=f"The first migrate in a project with {USERS:,} users",
                database=connection.vendor,
                unit="user",
                against="bulk_create of the users",
                values=times,
                cpu=busy,
                rounds=1,
                note="Each user gets an account and a signed record of its birth. Each step is a process of its own.",
            )
        ]
    )


def _cpu() -> float:
    """The CPU time of the processes that have ended, and of the server."""
    ended = os.times()
    return cpu.of_others() + ended.children_user + ended.children_system
