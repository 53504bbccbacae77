"""Writes `docs/benchmarks.md`, and the table in the README, from `results.json`: no number is typed by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measuring.harness import Result
from benchmarks.report import figure, summary
from benchmarks.report.reasons import REASONS

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
FIGURE = ROOT / "docs" / "images" / "growth.svg"
READMES = {"README.md": "en", "README.zh-hans.md": "zh-hans"}

HEAD = """\
# Benchmarks

[All pages](README.md)

`make bench` writes this page. It runs this project and comparable packages in turns and reports the median of the
rounds. Each package is set up as its README says. PostgreSQL and SQLite are configured so that committed data survives
a power cut. Compare only numbers within one table; all times come from one machine ({cpus} CPUs, Python {python}).
*CPU* is what client and server compute for it together, in the unit of the first column; the rest of the time they wait
for the disk or for each other.

`make bench NAME=verify` runs a single benchmark. NAME is the name of its module in one of the folders
of `benchmarks/`. Where `benchmarks/requirements.txt` is installed, `python -m benchmarks verify` does the same. Results
are written after each benchmark, so a run that was interrupted goes on with the names that are missing. `millions`,
which first makes a database of ten million records, runs only by its name.

![How times grow with the number of records](images/growth.svg)
"""


def files() -> dict[Path, str]:
    """All files that show results, and what they are to say."""
    known = json.loads(RESULTS.read_text(encoding="utf-8"))
    made = {PAGE: page(known["machine"], known["benchmarks"])}
    made[FIGURE] = figure.drawn([Result(**each) for name in figure.SHOWS for each in known["benchmarks"][name]])
    for name, language in READMES.items():
        readme = (ROOT / name).read_text(encoding="utf-8")
        made[ROOT / name] = summary.filled(readme, known["benchmarks"], language)
    return made


def page(machine: dict[str, str], benchmarks: dict[str, list[dict[str, Any]]]) -> str:
    """The page that the results come to."""
    parts = [HEAD.format(**machine)]
    for results in benchmarks.values():
        parts += ["\n".join(_section(Result(**result))) + "\n" for result in results]
    return "\n".join([*parts, REASONS])


def write() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


def _section(result: Result) -> list[str]:
    columns: dict[str, Callable[[str], str]] = {
        result.head: result.shown,
        "lowest–highest": result.shown_spread,
        "CPU": result.shown_cpu,
        f"{result.against} = 1": lambda name: f"{result.ratio(name):.2f}",
        "statements": lambda name: str(result.statements.get(name, "")),
    }
    filled = {head: cells for head, of in columns.items() if any(cells := [of(name) for name in result.values])}
    lines = [
        f"## {result.title}, {'PostgreSQL' if result.database == 'postgresql' else 'SQLite'}",
        "",
        f"| {' | '.join(['', *filled])} |",
        f"|---|{'--:|' * len(filled)}",
    ]
    lines += [f"| {' | '.join(row)} |" for row in zip(result.values, *filled.values(), strict=True)]
    return [*lines, "", f"{result.origin} {result.note}".strip()]
