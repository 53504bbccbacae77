"""`audit_verify`: its time for each record, and that its memory does not grow with them."""

from __future__ import annotations

import re
import resource
import time
from contextlib import suppress
from io import StringIO
from statistics import median

from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import UserStateAudit
from benchmarks.accounts import history, people
from benchmarks.measuring.harness import MICROSECONDS, PER_SECOND, Result, hand_in
from benchmarks.measuring.processes import apart

FEW, MANY = history.PEOPLE // 100, history.PEOPLE // 8
ROUNDS = 7


def fill(first: int, last: int) -> None:
    """Put in the people with these numbers, and their records."""
    people.migrate()
    history.write(last - first + 1, first=first)


def count() -> int:
    """How many records there are."""
    return UserStateAudit.objects.count()


def verify(expected: int) -> tuple[float, int]:
    """
    The seconds that this process computes for one run of the command, and the peak of its memory in kilobytes.

    Raises `RuntimeError` with what it said, where it found something wrong or has not seen so many records.
    """
    said = StringIO()
    began = time.process_time()
    with suppress(CommandError):
        call_command("audit_verify", stdout=said)
    seconds = time.process_time() - began
    if not re.fullmatch(f"records: {expected}, accounts: [0-9]+, findings: 0\n", said.getvalue()):
        raise RuntimeError(said.getvalue())
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    seconds, kilobytes = {}, {}
    for first, last in ((1, FEW), (FEW + 1, MANY)):
        apart(fill, first, last)
        records = apart(count)
        walks = [apart(verify, records) for _ in range(ROUNDS)]
        name = f"{records:,} records"
        seconds[name] = median(walk[0] for walk in walks) / records * PER_SECOND[MICROSECONDS]
        kilobytes[name] = float(median(walk[1] for walk in walks))
    few = next(iter(seconds))
    hand_in(
        Result(
            title=title,
            database=connection.vendor,
            unit=unit,
            measure=measure,
            against=few,
            values=values,
            rounds=ROUNDS,
        )
        for title, unit, measure, values in (
            ("Verification", "record", "µs of CPU", seconds),
            ("Peak memory of a verification", "process", "kB", kilobytes),
        )
    )
