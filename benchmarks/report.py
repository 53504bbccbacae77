"""Writes `docs/benchmarks.md` from `results.json`: no number in it is typed by hand."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.harness import Result

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"

HEAD = """\
# Benchmarks

Written by `make bench`, which runs this project and its peers side by side: contestants take turns, and the median of
the rounds counts. Each peer is set up as its README says; PostgreSQL and SQLite keep what is committed through a power
cut. Only ratios within one table mean something; times are those of one machine ({cpus} CPUs, Python {python}).

`make bench NAME=verify` runs one alone, which is `python -m benchmarks verify` where `benchmarks/requirements.txt` is
installed: NAME is that of its module in `benchmarks/`.
"""


def page() -> str:
    """The page that the results come to."""
    known = json.loads(RESULTS.read_text())
    parts = [HEAD.format(**known["machine"])]
    for results in known["benchmarks"].values():
        parts += ["\n".join(_section(Result(**result))) + "\n" for result in results]
    return "\n".join(parts)


def write() -> None:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())


def _section(result: Result) -> list[str]:
    counted = bool(result.statements)
    lines = [
        f"## {result.title}, {'PostgreSQL' if result.database == 'postgresql' else 'SQLite'}",
        "",
        f"| | {result.head} | {result.against} = 1 |" + (" statements |" if counted else ""),
        "|---|--:|--:|" + ("--:|" if counted else ""),
    ]
    for name in result.values:
        cells = [name, result.shown(name), f"{result.ratio(name):.2f}"]
        lines.append("| " + " | ".join(cells + ([str(result.statements.get(name, ""))] if counted else [])) + " |")
    return [*lines, "", f"{result.origin} {result.note}".strip()]
