"""The peak memory of a bulk transition, for ten thousand accounts and for twenty times as many."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

from django.db import connection

from benchmarks import people
from benchmarks.harness import Result, hand_in
from users.models import UserFSM
from users.states import State

FEW, MANY = 10_000, 200_000
CHILD = "import django, sys; django.setup(); from benchmarks import memory; print(memory.peak(int(sys.argv[1])))"


def peak(count: int) -> float:
    """Move so many accounts there and back; return the peak of this process in kilobytes."""
    keys = UserFSM.objects.order_by("pk").values_list("pk", flat=True)
    last = keys[count - 1]
    UserFSM.objects.in_state(State.ACTIVE).filter(pk__lte=last).bulk_transition("lock", description="to see")
    UserFSM.objects.in_state(State.LOCKED).bulk_transition("unlock", description="to see")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    people.migrate()
    people.active_users(MANY)
    kilobytes = {}
    for count in (FEW, MANY):
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(count)], env=os.environ, stdout=subprocess.PIPE, check=True, text=True
        )
        kilobytes[f"{count:,} accounts"] = float(child.stdout)
    hand_in(
        [
            Result(
                title="Peak memory of a bulk transition",
                database=connection.vendor,
                unit="process",
                measure="kB",
                against=f"{FEW:,} accounts",
                values=kilobytes,
                rounds=1,
            )
        ]
    )
