"""CSV with the columns of the admin's export, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from audit.export.csv_file import COLUMNS
from users.database.local_time import in_utc
from users.input.csv_files import guarded


def _written(cells: Iterable[Any]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="").writerow(cells)
    return text.getvalue()


HEADING = _written(("event_id", *COLUMNS))


def line(what: str, row: Any, event_id: str) -> str:
    """Return the row as one record of CSV. A text with line breaks continues on the next line, in its quotes."""
    return _written((event_id, *(_cell(name, getattr(row, name, "")) for name in COLUMNS)))


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return in_utc(value).isoformat(timespec="microseconds")
    if name == "details":
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return guarded(value) if isinstance(value, str) else value
