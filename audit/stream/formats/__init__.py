"""The formats of events: one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit.stream.formats import csv_rows, ecs, json_lines, ocsf
from audit.stream.formats.templates import by_template


@dataclass(frozen=True, slots=True)
class Format:
    """A format. `line` writes a row. It takes the name of the table, the row, and the id of the event."""

    name: str
    media_type: str
    line: Callable[[str, Any, str], str]
    heading: str = ""
    """The first line of a file, if there is one."""


FORMATS = {
    each.name: each
    for each in (
        Format("jsonl", "application/json", json_lines.line),
        Format("ocsf", "application/json", by_template(ocsf.account_change)),
        Format("ocsf-user-management", "application/json", by_template(ocsf.user_management)),
        Format("ecs", "application/json", by_template(ecs.line)),
        Format("csv", "text/csv; charset=utf-8", csv_rows.line, csv_rows.HEADING),
    )
}
