"""
How fast `audit_verify` walks a clean record, and that its memory does not grow with it.

    python -m benchmarks.verify                          # a million records, on SQLite
    python -m benchmarks.verify --database postgresql

The records are put in past the triggers, with genuine signatures, in order of time: those of one user lie far apart, as
they do in production. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any, NamedTuple

import django

from tests.database import sqlite_file
from tests.postgres import server

DATABASES = {"sqlite": sqlite_file, "postgresql": server}
RECORDS_OF_EACH = 10
CHUNK = 10_000
START = datetime(2025, 1, 1, tzinfo=UTC)


class Walk(NamedTuple):
    """One run of the command."""

    records: int
    seconds: float
    cpu: float
    """Of those, how many the process computed: on a machine with other work the better measure."""

    peak: float
    """The most memory that the process held, in MiB."""

    def __str__(self) -> str:
        return (
            f"{self.records:>10,} records  {self.seconds:6.1f} s, {self.cpu:5.1f} s of CPU  "
            f"{self.records / self.cpu:>7,.0f} records per second of CPU  {self.peak:5.1f} MiB at most"
        )


def main() -> None:
    """Fill a new database to a hundredth, verify, fill it up, and verify again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--records", type=int, default=1_000_000, help="default: %(default)s")
    arguments = parser.parse_args()
    with DATABASES[arguments.database]() as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        people = arguments.records // RECORDS_OF_EACH
        fill(range(1, people // 100 + 1))
        small = verify(people // 100 * RECORDS_OF_EACH)
        fill(range(people // 100 + 1, people + 1))
        large = verify(people * RECORDS_OF_EACH)
    print(f"audit_verify on {arguments.database}", small, large, sep="\n")
    print(f"peak memory of the large walk to that of the small one: {large.peak / small.peak:.2f}")


def fill(user_ids: range) -> None:
    """Add users with these keys, ten records each, and the states in which those end."""
    from django.contrib.auth.models import User
    from django.db import connection

    from audit import triggers
    from users.models import UserFSM

    with triggers.lifted("default"):
        for keys in batched_keys(user_ids):
            User.objects.bulk_create(User(pk=key, username=f"user{key}", is_active=False) for key in keys)
            UserFSM._base_manager.bulk_create(
                UserFSM(user_id=key, current_state="locked", version=RECORDS_OF_EACH) for key in keys
            )
        insert(connection, records(user_ids))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def records(user_ids: range) -> Iterator[tuple[Any, ...]]:
    """The columns of all records, in order of time."""
    from audit.integrity.facts import Facts, canonical_record
    from audit.integrity.signing import signature

    seconds = count(user_ids.start * RECORDS_OF_EACH)
    for sequence in range(1, RECORDS_OF_EACH + 1):
        transition, start, end = ("unlock", "locked", "active") if sequence % 2 else ("lock", "active", "locked")
        for key in user_ids:
            facts = Facts(
                user_id=key,
                username=f"user{key}",
                sequence=sequence,
                transition=transition if sequence > 1 else "activate",
                start_state=start if sequence > 1 else "invited",
                end_state=end,
                datetime=START + timedelta(seconds=next(seconds)),
                actor_id=1,
                initiated_by="user1",
                description="reported stolen",
                ip_address="192.0.2.17",
                user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                request_id="b2f5ff47436671b6e533d8dc3614845d",
            )
            yield *facts, signature(canonical_record(facts))


def insert(connection: Any, rows: Iterator[tuple[Any, ...]]) -> None:
    """Put the rows in as quickly as the database can."""
    from audit.integrity.facts import Facts
    from audit.models import UserStateAudit

    table, columns = UserStateAudit._meta.db_table, (*Facts._fields, "signature")
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        while chunk := list(islice(rows, CHUNK)):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", chunk)


def batched_keys(keys: range) -> Iterator[range]:
    """The keys in pieces."""
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def verify(expected: int) -> Walk:
    """Run the command in a process of its own; raises `RuntimeError` where it finds something or misses records."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "manage.py", "audit_verify"], stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)  # which, unlike `Popen.wait`, says how much memory was used
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode or f"records: {expected}," not in said:
        raise RuntimeError(f"exit code {process.returncode}: {said}")
    return Walk(expected, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
