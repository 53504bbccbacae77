"""
Transitions by today's code and by that of the last commit before births, causes and format 2 of the record.

It needs the history of the repository; without it, it says so and measures nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection

from benchmarks.accounts import people
from benchmarks.measuring import processes
from benchmarks.measuring.harness import OURS, Measured, Result, contest, hand_in
from benchmarks.measuring.processes import Worker
from benchmarks.transitions import life

COMMIT = "f046289b08"
BEFORE = "before births, causes and format 2"
ROOT = Path(__file__).parents[2]
COPIED = (life, processes, people)
ROUNDS = 11

Sides = dict[str, Worker]


def main() -> None:
    archive = subprocess.run(["git", "-C", ROOT, "archive", COMMIT], capture_output=True, check=False)  # noqa: S607 - the one in PATH
    if archive.returncode:
        sys.stderr.write(f"The commit {COMMIT} is not in this repository, so there is nothing to compare with.\n")
        return
    with TemporaryDirectory() as folder, both_sides(archive.stdout, Path(folder)) as sides:
        tasks: dict[str, Callable[[], None]] = {name: partial(side.do, "one") for name, side in sides.items()}
        one = contest(tasks, rounds=ROUNDS, calls=1, units=life.CALLS)
        hand_in([result("One transition, then and now", "transition", one)])
        all_do("make all active", sides)
        first = all_do("size", sides) if settings.POSTGRESQL else {}
        tasks = {name: partial(side.do, "many") for name, side in sides.items()}
        many = contest(tasks, rounds=ROUNDS, calls=1, units=2 * life.ACCOUNTS)
        hand_in([result(f"One of {life.ACCOUNTS:,} in a bulk transition, then and now", "account", many)])
        if first:
            hand_in([growth(first, all_do("size", sides))])


@contextmanager
def both_sides(archive: bytes, folder: Path) -> Iterator[Sides]:
    """Run today's code, and that of the archive on a database beside ours."""
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    for module in map(Path, (each.__file__ for each in COPIED)):
        copy = folder / module.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(module, copy)
    with ExitStack() as running:
        yield {
            OURS: Worker(life.serve, running=running),
            BEFORE: Worker(life.serve, running=running, folder=folder, environment={"DATABASE_URL": _beside()}),
        }


def _beside() -> str:
    """The URL of another database on the same server, or in the same folder."""
    url, name = os.environ["DATABASE_URL"], "before"
    if not settings.POSTGRESQL:
        return url.replace("db.sqlite3", f"{name}.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    return url.replace(f"/{settings.DATABASES['default']['NAME']}?", f"/{name}?")


def all_do(task: str, sides: Sides) -> dict[str, dict[str, int]]:
    """What a task comes to on each side, one after the other."""
    return {name: side.do(task) for name, side in sides.items()}


def growth(first: dict[str, dict[str, int]], last: dict[str, dict[str, int]]) -> Result:
    """How much the table and its indexes have grown for each record of the bulk transitions."""

    def of(name: str, what: str) -> int:
        return last[name][what] - first[name][what]

    values = {name: of(name, "bytes") / of(name, "records") for name in first}
    return Result(
        title="Growth of the record, with its indexes, then and now",
        database=connection.vendor,
        unit="record",
        measure="bytes",
        against=BEFORE,
        values=values,
        rounds=1,
        note=f"Over {of(OURS, 'records'):,} records.",
    )


def result(title: str, unit: str, times: Measured) -> Result:
    return Result(title=title, database=connection.vendor, unit=unit, against=BEFORE, rounds=ROUNDS, **times)
