"""A bar chart of numbers by day, as SVG. The bars stretch to any width, and each one is a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString

from users.states import State

HEIGHT = 100
"""The height of the highest bar, in the chart's units. A day is `STEP` wide, so the width follows from the days."""

STEP, BAR = 10, 7
LOWEST = 1.5
"""The smallest bar height, so that one change among thousands is still visible."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day."""

    x: float
    height: float
    label: str
    link: str

    @property
    def top(self) -> float:
        """The distance of the bar from the top."""
        return HEIGHT - self.height


def draw(numbers: Mapping[date, int], *, title: str, state: State, link: Callable[[date], str]) -> SafeString:
    """
    Draw a bar for each day, in this order, as an HTML `figure` with `title` and the total above it.

    `state` is the state whose colour the bars have. `link` returns the URL for a day.
    """
    highest = max(numbers.values(), default=0)
    bars = [
        Bar(
            x=place * STEP,
            height=max(LOWEST, HEIGHT * number / highest) if number else 0,
            label=f"{date_format(day, 'DATE_FORMAT')}: {_written(number)}",
            link=link(day),
        )
        for place, (day, number) in enumerate(numbers.items())
    ]
    days = list(numbers)
    context = {
        "title": title,
        "state": state.value,
        "bars": bars,
        "width": len(bars) * STEP,
        "height": HEIGHT,
        "step": STEP,
        "bar": BAR,
        "inset": (STEP - BAR) / 2,
        "highest": _written(highest),
        "total": _written(sum(numbers.values())),
        "ticks": [date_format(day, "MONTH_DAY_FORMAT") for day in (days[0], days[len(days) // 2], days[-1])],
    }
    return SafeString(render_to_string("admin/user_audit/chart.html", context))


def _written(number: int) -> str:
    return number_format(number, force_grouping=True)
