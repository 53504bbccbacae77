"""Export of a million records as CSV, beside `COPY TO`, which is what the database can do; and its peak memory."""

from __future__ import annotations

import resource
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from audit.export.csv_file import COLUMNS
from audit.stream import export
from audit.stream.formats import FORMATS
from audit.stream.sources import CHANGES
from benchmarks import history
from benchmarks.harness import OURS, Result, contest, hand_in
from benchmarks.processes import apart

ROUNDS = 7
LIMIT = "COPY TO"
FEW, MANY = "?q=person-1", ""


def exported(query: str = MANY) -> int:
    """Read the whole file, as a server sends it on; return how many bytes it has."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="root"))
    response: Any = client.get(f"/admin/user_audit/userstateaudit/export/{query}", secure=True)
    return sum(map(len, response.streaming_content))


def copied() -> int:
    """The same columns by the database alone; return how many bytes."""
    statement = (
        f"COPY (SELECT {', '.join(COLUMNS)} FROM user_audit_userstateaudit ORDER BY datetime DESC, id DESC) TO STDOUT"
    )
    with connection.cursor() as cursor, cursor.copy(f"{statement} (FORMAT csv, HEADER, FORCE_QUOTE *)") as pieces:
        return sum(map(len, pieces))


def in_format(name: str) -> int:
    """Write everything as `audit_export` does; return how many bytes."""
    pieces = export.pieces(CHANGES, FORMATS[name], start=None, end=None, using="default")
    return sum(len(lines) for lines, _ in pieces)


def peak(query: str) -> int:
    """Export; return the peak of this process in kilobytes."""
    exported(query)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Fill the database, and export in turns."""
    # In a process of its own: the peak of one that starts others is theirs too.
    apart(history.fill)
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
            Result(
                title=f"Export of {history.RECORDS:,} records",
                unit="record",
                against=LIMIT,
                **contest({LIMIT: copied, OURS: exported}, rounds=ROUNDS, calls=1, units=history.RECORDS),
                database=connection.vendor,
                rounds=ROUNDS,
            ),
            Result(
                title=f"`audit_export` of {history.RECORDS:,} records",
                unit="record",
                against=LIMIT,
                **contest(
                    {LIMIT: copied} | {name: partial(in_format, name) for name in FORMATS},
                    rounds=1,
                    calls=1,
                    units=history.RECORDS,
                ),
                database=connection.vendor,
                rounds=1,
                note="PostgreSQL writes JSON lines and CSV itself. OCSF and ECS are made of each record in Python.",
            ),
        ]
    )
