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
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.harness import Result, machine
from tests import postgres

RESULTS = Path(__file__).with_name("results.json")
CHILD = "import django, importlib, sys; django.setup(); importlib.import_module(sys.argv[1]).main()"

BENCHMARKS = {
    "single": ("postgresql", "sqlite"),
    "round_trips": ("postgresql",),
    "writers": ("postgresql",),
    "bulk": ("postgresql",),
    "memory": ("postgresql",),
    "growth": ("postgresql",),
    "admin_list": ("postgresql",),
    "api": ("postgresql",),
    "export": ("postgresql",),
    "people_admin": ("postgresql",),
    "verify": ("postgresql", "sqlite"),
    "retention": ("postgresql",),
    "carrying_over": ("postgresql", "sqlite"),
    "triggers": ("postgresql", "sqlite"),
    "failed_login": ("postgresql",),
    "login_timing": ("sqlite",),
}
"""Each benchmark, a module here, and the databases that it runs on."""


@contextmanager
def database(vendor: str) -> Iterator[str]:
    """A new database of this kind, which survives a power cut as in production: its URL."""
    if vendor == "postgresql":
        with postgres.server(durable=True) as url:
            yield url
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/db.sqlite3"


def run(name: str, vendor: str) -> list[Result]:
    """Run one benchmark on a database of its own."""
    with database(vendor) as url:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
        child = subprocess.run(
            [sys.executable, "-c", CHILD, f"benchmarks.{name}"],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return [Result(**json.loads(line)) for line in child.stdout.splitlines()]


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks", description="Measures this project beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)} (default: all)")
    names = parser.parse_args().names or list(BENCHMARKS)
    known = json.loads(RESULTS.read_text())["benchmarks"] if RESULTS.exists() else {}
    for name in names:
        known[name] = []
        for vendor in BENCHMARKS[name]:
            for result in run(name, vendor):
                print(*result.table(), sep="\n", flush=True)
                known[name].append(asdict(result))
        write(known)  # each at once: the next may fail, after an hour


def write(known: dict[str, list[dict[str, Any]]]) -> None:
    """Write the file of all results, and the page."""
    ordered = {name: known[name] for name in BENCHMARKS if name in known}
    RESULTS.write_text(json.dumps({"machine": machine(), "benchmarks": ordered}, indent=2, ensure_ascii=False) + "\n")
    report.write()


if __name__ == "__main__":
    main()
