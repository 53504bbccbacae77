"""A database of before, with 100,000 accounts: the seconds until it has today's form, with nothing found afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from django.db import connection

from benchmarks.measuring.harness import Result, hand_in
from tests.servers.database_of_before import MAKE_ONE_OF_BEFORE

ACCOUNTS = int(os.environ.get("ACCOUNTS", "100000"))
STEPS = {
    "audit_carry_over": ["audit_carry_over"],
    "migrate": ["migrate", "--verbosity", "0"],
    "a second migrate": ["migrate", "--verbosity", "0"],
    "audit_verify": ["audit_verify"],
}


def run(*command: str) -> str:
    """Run Python with the settings of the project alone; return what it says. The journal goes nowhere."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings"}
    child = subprocess.run(
        [sys.executable, *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return child.stdout


def main() -> None:
    """Make such a database, and take the time of each step. Raises `RuntimeError` where something is found."""
    run("-c", MAKE_ONE_OF_BEFORE, str(ACCOUNTS))
    seconds = {}
    for name, command in STEPS.items():
        began = time.perf_counter()
        said = run("manage.py", *command)
        seconds[name] = time.perf_counter() - began
    if f"records: {ACCOUNTS}, accounts: {ACCOUNTS}, findings: 0" not in said:
        raise RuntimeError(said)
    hand_in(
        [
            Result(
                title=f"A database of before, with {ACCOUNTS:,} accounts",
                database=connection.vendor,
                unit="step",
                measure="s",
                against="migrate",
                values=seconds,
                rounds=1,
                note="Half of the accounts get a record of their birth. Each step is a process of its own.",
            )
        ]
    )
