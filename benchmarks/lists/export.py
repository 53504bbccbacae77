"""
Export of a quarter's records in the admin, and of a month's by the command, beside `COPY TO`, which is what the
database can do; peak memory for a year's.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit.export.csv_file import COLUMNS
from audit.models import UserStateAudit
from audit.stream import export
from audit.stream.formats import FORMATS
from audit.stream.sources import CHANGES
from benchmarks.accounts import history
from benchmarks.measuring.harness import OURS, Result, contest, hand_in
from benchmarks.measuring.processes import apart

ROUNDS = 7
LIMIT = "COPY TO"
FEW, MANY = "?q=person-1", ""

Tasks = dict[str, Callable[[], int]]


def beginning_of(part: timedelta) -> datetime:
    """When the last part of the year began that is at least so long: a midnight."""
    return (timezone.localtime() - part).replace(hour=0, minute=0, second=0, microsecond=0)


def exported(query: str) -> int:
    """Read the whole file, as a server sends it on; return how many bytes it has."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="root"))
    response: Any = client.get(f"/admin/user_audit/userstateaudit/export/{query}", secure=True)
    return sum(map(len, response.streaming_content))


def copied(start: datetime) -> int:
    """The same columns by the database alone; return how many bytes."""
    statement = (
        f"COPY (SELECT {', '.join(COLUMNS)} FROM user_audit_userstateaudit WHERE datetime >= '{start.isoformat()}'"
        " ORDER BY datetime DESC, id DESC) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as pieces:
        return sum(map(len, pieces))


def in_format(name: str, start: datetime) -> int:
    """Write everything as `audit_export` does; return how many bytes."""
    pieces = export.pieces(CHANGES, FORMATS[name], start=start, end=None, using="default")
    return sum(len(lines) for lines, _ in pieces)


def peak(query: str) -> int:
    """Export; return the peak of this process in kilobytes."""
    exported(query)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def beside_copy(title: str, tasks: Tasks, start: datetime, note: str = "") -> Result:
    """The contest of these tasks, which all write the records since then."""
    records = UserStateAudit.objects.filter(datetime__gte=start).count()
    return Result(
        title=f"{title} of {records:,} records",
        unit="record",
        against=LIMIT,
        **contest(tasks, rounds=ROUNDS, calls=1, units=records),
        database=connection.vendor,
        rounds=ROUNDS,
        note=note,
    )


def main() -> None:
    """Fill the database, and export in turns."""
    # In a process of its own: the peak of one that starts others is theirs too.
    apart(history.fill)
    quarter, month = beginning_of(history.YEAR / 4), beginning_of(history.YEAR / 12)
    by_page: Tasks = {LIMIT: partial(copied, quarter), OURS: partial(exported, f"?since={quarter:%Y-%m-%d}")}
    by_command: Tasks = {LIMIT: partial(copied, month)}
    by_command |= {name: partial(in_format, name, month) for name in FORMATS}
    hand_in(
        [
            Result(
                title="Peak memory of an export",
                unit="process",
                measure="kB",
                against="few records",
                values={"few records": apart(peak, FEW), f"{history.RECORDS:,} records": apart(peak, MANY)},
                database=connection.vendor,
                rounds=1,
            ),
            beside_copy("Export", by_page, quarter),
            beside_copy(
                "`audit_export`",
                by_command,
                month,
                note="PostgreSQL writes JSON lines and CSV itself. OCSF and ECS are made of each record in Python.",
            ),
        ]
    )
