"""
`python -m benchmarks [NAME ...]`: run the benchmarks, each on its databases, and write `results.json`.

Each runs in a process of its own, for Django is set up for one database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.measuring.harness import Result, machine
from tests.servers import postgres

RESULTS = Path(__file__).with_name("results.json")
CHILD = "import django, importlib, sys; django.setup(); importlib.import_module(sys.argv[1]).main()"


class Benchmark:
    """A module `benchmarks.ROOM.NAME`, and the databases that it runs on. One that `is_long` runs only by its name."""

    def __init__(self, room: str, *databases: str, is_long: bool = False) -> None:
        self.room, self.databases, self.is_long = room, databases, is_long


BENCHMARKS = {
    "single": Benchmark("transitions", "postgresql", "sqlite"),
    "round_trips": Benchmark("transitions", "postgresql"),
    "writers": Benchmark("transitions", "postgresql"),
    "bulk": Benchmark("transitions", "postgresql"),
    "memory": Benchmark("transitions", "postgresql"),
    "growth": Benchmark("size", "postgresql"),
    "millions": Benchmark("size", "postgresql", is_long=True),
    "admin_list": Benchmark("lists", "postgresql"),
    "api": Benchmark("lists", "postgresql"),
    "export": Benchmark("lists", "postgresql"),
    "people_admin": Benchmark("lists", "postgresql"),
    "verify": Benchmark("evidence", "postgresql", "sqlite"),
    "retention": Benchmark("evidence", "postgresql"),
    "carrying_over": Benchmark("migrating", "postgresql", "sqlite"),
    "first_migrate": Benchmark("migrating", "postgresql", "sqlite"),
    "triggers": Benchmark("transitions", "postgresql", "sqlite"),
    "failed_login": Benchmark("logins", "postgresql"),
    "login_timing": Benchmark("logins", "sqlite"),
    "before": Benchmark("transitions", "postgresql", "sqlite"),
}
"""By name, in the order of the page."""

DEFAULT = f"all but {', '.join(name for name, benchmark in BENCHMARKS.items() if benchmark.is_long)}"

ON_ONE_HISTORY = ("admin_list", "api", "export", "people_admin")
"""They share a database, which the first of them fills. The last one changes it."""


@contextmanager
def database(vendor: str) -> Iterator[str]:
    """A new database of this kind, which survives a power cut as in production: its URL."""
    if vendor == "postgresql":
        with postgres.server(durable=True) as url:
            yield url
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/db.sqlite3"


def run(name: str, url: str) -> list[Result]:
    """Run one benchmark on this database."""
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    child = subprocess.run(
        [sys.executable, "-c", CHILD, f"benchmarks.{BENCHMARKS[name].room}.{name}"],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [Result(**json.loads(line)) for line in child.stdout.splitlines()]


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks", description="Measures this project beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)} (default: {DEFAULT})")
    names = parser.parse_args().names or [name for name, benchmark in BENCHMARKS.items() if not benchmark.is_long]
    known = json.loads(RESULTS.read_text())["benchmarks"] if RESULTS.exists() else {}
    for group in groups(names):
        with ExitStack() as running:
            shared = [running.enter_context(database("postgresql"))] if group[0] in ON_ONE_HISTORY else []
            for name in group:
                measure(name, known, shared)


def groups(names: Sequence[str]) -> list[list[str]]:
    """Put those together that share a database, in their order, and each of the others by itself."""
    together = [name for name in ON_ONE_HISTORY if name in names]
    alone = [[name] for name in names if name not in together]
    return [*alone, together] if together else alone


def measure(name: str, known: dict[str, list[dict[str, Any]]], shared: Sequence[str]) -> None:
    """Run a benchmark, on new databases if there is no shared one, and write its results with those that are known."""
    began = time.monotonic()
    results: list[Result] = []
    for vendor in BENCHMARKS[name].databases:
        with nullcontext(shared[0]) if shared else database(vendor) as url:
            results += run(name, url)
    for result in results:
        print(*result.table(), sep="\n")
    print(f"\n{name}: {time.monotonic() - began:.0f} seconds", flush=True)
    if results:
        known[name] = [asdict(result) for result in results]
        write(known)  # each at once: the next may fail


def write(known: dict[str, list[dict[str, Any]]]) -> None:
    """Write the file of all results, and the page."""
    ordered = {name: known[name] for name in BENCHMARKS if name in known}
    RESULTS.write_text(json.dumps({"machine": machine(), "benchmarks": ordered}, indent=2, ensure_ascii=False) + "\n")
    report.write()


if __name__ == "__main__":
    main()
