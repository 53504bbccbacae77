"""`docs/evidence.md` lists each way of tampering that the tests try, and nothing else."""

import re
from pathlib import Path

FOLDER = Path("tests/audit/integrity")
PAGE = Path("docs/evidence.md").read_text()
TEST = re.compile(r"^def (test_(\w+)_(?:is|are)_(?:named|found))\(", re.MULTILINE)


def tried() -> list[str]:
    """The tests whose names end in what becomes of a tampering, file by file."""
    rows = []
    for path in sorted(FOLDER.rglob("test_*.py"), key=lambda path: path.name):
        for name, what in TEST.findall(path.read_text()):
            rows.append(f"| {what.replace('_', ' ')} | `{path.name}` | `{name}` |")
    return rows


def test_the_table_of_what_was_tried_is_what_the_tests_try():
    section = PAGE.partition("\n## What was tried\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]

    assert rows == tried()
    assert len(rows) > 30
