"""Writes `docs/benchmarks.md`, and the table in the README, from `results.json`: no number is typed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import summary
from benchmarks.harness import Result

RESULTS = Path(__file__).with_name("results.json")
ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
READMES = {"README.md": "en", "README.zh-hans.md": "zh-hans"}

HEAD = """\
# Benchmarks

[All pages](README.md)

`make bench` writes this page. It runs this project and comparable packages in turns and reports the median of the
rounds. Each package is set up as its README says. PostgreSQL and SQLite are configured so that committed data survives
a power cut. Compare only numbers within one table; all times come from one machine ({cpus} CPUs, Python {python}).

`make bench NAME=verify` runs a single benchmark. NAME is the name of its module in `benchmarks/`. Where
`benchmarks/requirements.txt` is installed, `python -m benchmarks verify` does the same.
"""


def files() -> dict[Path, str]:
    """All files that show results, and what they are to say."""
    known = json.loads(RESULTS.read_text(encoding="utf-8"))
    made = {PAGE: page(known["machine"], known["benchmarks"])}
    for name, language in READMES.items():
        readme = (ROOT / name).read_text(encoding="utf-8")
        made[ROOT / name] = summary.filled(readme, known["benchmarks"], language)
    return made


def page(machine: dict[str, str], benchmarks: dict[str, list[dict[str, Any]]]) -> str:
    """The page that the results come to."""
    parts = [HEAD.format(**machine)]
    for results in benchmarks.values():
        parts += ["\n".join(_section(Result(**result))) + "\n" for result in results]
    return "\n".join(parts)


def write() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


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
