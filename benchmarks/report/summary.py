"""The few results that the README shows, in its languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.measuring.harness import OURS, Result

MARK, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"


class Row(NamedTuple):
    """One of the results of a benchmark, and what it is called in each language."""

    benchmark: str
    number: int
    name: Mapping[str, str]


ROWS = (
    Row("single", 0, {"en": "a transition, PostgreSQL", "zh-hans": "一次转换（PostgreSQL）"}),
    Row("single", 1, {"en": "a transition, SQLite", "zh-hans": "一次转换（SQLite）"}),
    Row("bulk", 0, {"en": "one of 10,000 bulk transitions", "zh-hans": "一万次批量转换中的一次"}),
    Row(
        "admin_list", 0, {"en": "a page of a million records in the admin", "zh-hans": "管理后台中一百万条记录的列表页"}
    ),
    Row(
        "failed_login",
        2,
        {"en": "60 simultaneous guesses, 5 allowed", "zh-hans": "同时猜测 60 次，上限为 5 次"},
    ),
)

HEADS = {
    "en": ("", "this project", "other packages"),
    "zh-hans": ("", "本项目", "其他软件包"),
}
FIGURES = {"en": "How times grow with the number of records", "zh-hans": "耗时随记录数量的变化"}
ANSWERS = {"en": "answered", "zh-hans": "次得到响应"}


def table(known: Mapping[str, list[dict[str, object]]], language: str) -> str:
    """A row a result: ours, and that of each package beside it."""
    lines = [HEADS[language], ("---", "--:", "---")]
    for row in ROWS:
        result = Result(**known[row.benchmark][row.number])  # type: ignore[arg-type]
        measure = ANSWERS[language] if result.measure == "answers" else result.measure
        peers = {re.match(r"django-[\w-]+", name): result.shown(name) for name in result.values}
        beside = ", ".join(f"{found[0]} {shown}" for found, shown in peers.items() if found)
        lines.append((row.name[language], f"{result.shown(OURS)} {measure}", beside))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def filled(page: str, known: Mapping[str, list[dict[str, object]]], language: str) -> str:
    """The page with the table between the marks."""
    figure = f"![{FIGURES[language]}](docs/images/growth.svg)"
    return re.sub(f"(?s){MARK}.*?{END}", f"{MARK}\n{table(known, language)}\n\n{figure}\n{END}", page)
