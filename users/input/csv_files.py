"""
CSV files that are safe to open in a spreadsheet.

A spreadsheet may take text that a person entered for a formula. As OWASP advises ("CSV Injection"), text that begins
like one gets an apostrophe in front, and every cell is quoted, so that no separator starts a new cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def guarded(text: str) -> str:
    """Return the text, with an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def written(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return the lines of these rows."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
