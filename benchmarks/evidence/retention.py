"""`audit_prune` of half a record, of which each account has some: the time for each record that goes."""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from audit.models import UserStateAudit
from benchmarks.accounts import history, people
from benchmarks.measuring.harness import MICROSECONDS, PER_SECOND, Result, hand_in
from benchmarks.measuring.processes import apart

PEOPLE = 20_000
HALF = history.YEAR / 2


def fill() -> None:
    """Put in the people and a year of records, and cover them, as a site does each hour."""
    people.migrate()
    history.write(PEOPLE)
    call_command("audit_checkpoint", stdout=StringIO())


def prune() -> tuple[float, float, int, int]:
    """The seconds that pass, those that this process computes, the records that went, and its peak of memory in kB."""
    before = UserStateAudit.objects.count()
    with tempfile.TemporaryDirectory() as folder, override_settings(AUDIT_RETENTION_MINIMUM=timedelta(days=1)):
        computed, began = time.process_time(), time.perf_counter()
        half = (timezone.now() - HALF).isoformat()
        call_command("audit_prune", before=half, archive=Path(folder, "half.gz"), stdout=StringIO())
        passed, computed = time.perf_counter() - began, time.process_time() - computed
    gone = before - UserStateAudit.objects.count()
    return passed, computed, gone, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Fill the database, and prune it in a process of its own."""
    apart(fill)
    passed, computed, gone, kilobytes = apart(prune)
    each = PER_SECOND[MICROSECONDS] / gone
    values = {"in all": passed * each, "computed by the command": computed * each}
    hand_in(
        [
            Result(
                title=f"Retention: {gone:,} of {history.CHANGES * PEOPLE:,} records",
                database=connection.vendor,
                unit="record",
                against="in all",
                values=values,
                rounds=1,
                note=f"The command's memory was at most {kilobytes // 1024} MB.",
            )
        ]
    )
