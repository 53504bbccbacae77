"""The peak memory of a bulk transition, for ten thousand accounts and for twenty times as many."""

from __future__ import annotations

import resource

from django.db import connection

from benchmarks.accounts import people
from benchmarks.measuring.harness import Result, hand_in
from benchmarks.measuring.processes import apart
from users.models import UserFSM
from users.states import State

FEW, MANY = 10_000, 200_000


def fill() -> None:
    people.migrate()
    people.active_users(FEW + MANY)


def peak(count: int) -> int:
    """Lock so many of the accounts that are active; return the peak of this process in kilobytes."""
    active = UserFSM.objects.in_state(State.ACTIVE)
    last = active.order_by("pk").values_list("pk", flat=True)[count - 1]
    active.filter(pk__lte=last).bulk_transition("lock", description="to see")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    apart(fill)  # whose peak would be that of each process that starts from here
    hand_in(
        [
            Result(
                title="Peak memory of a bulk transition",
                database=connection.vendor,
                unit="process",
                measure="kB",
                against=f"{FEW:,} accounts",
                values={f"{count:,} accounts": apart(peak, count) for count in (FEW, MANY)},
                rounds=1,
            )
        ]
    )
