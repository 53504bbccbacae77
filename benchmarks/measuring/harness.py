"""
How things are measured: contestants take turns in rounds, and the median of the rounds counts.

Taking turns, they all meet the same noise of the machine. So ratios within one contest mean something; times, and
ratios between contests, do not.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.measuring import cpu

OURS = "this project"
MICROSECONDS, MILLISECONDS = "µs", "ms"
PER_SECOND = {MICROSECONDS: 1e6, MILLISECONDS: 1e3}


@dataclass
class Result:
    """What one contest came to."""

    title: str
    database: str
    unit: str
    """Of what the values are, for example `transition`."""

    against: str
    """The contestant that is 1 in the ratios."""

    values: dict[str, float]
    """For one unit, by contestant: the median of the rounds."""

    rounds: int
    measure: str = MICROSECONDS
    """Of what there is so much: `µs`, `ms`, `kB`."""

    spread: dict[str, tuple[float, float]] = field(default_factory=dict)
    """The lowest and the highest of the rounds, where each was measured."""

    cpu: dict[str, float] = field(default_factory=dict)
    """The CPU time of client and server for one unit, over all rounds, in the same measure."""

    statements: dict[str, int] = field(default_factory=dict)
    """How many one unit takes, with BEGIN and COMMIT, where it was counted."""

    note: str = ""

    @property
    def head(self) -> str:
        """What stands above the values."""
        return f"{self.measure} per {self.unit}"

    @property
    def origin(self) -> str:
        """How the values came about."""
        return "Measured once." if self.rounds == 1 else f"Median of {self.rounds} rounds."

    def shown(self, name: str) -> str:
        """The value of this contestant."""
        return figure(self.values[name])

    def shown_spread(self, name: str) -> str:
        """The lowest and the highest of its rounds."""
        return "–".join(map(figure, self.spread[name])) if name in self.spread else ""

    def shown_cpu(self, name: str) -> str:
        """Its CPU time."""
        return figure(self.cpu[name]) if name in self.cpu else ""

    def ratio(self, name: str) -> float:
        """The value of this contestant as a multiple of that of `against`."""
        return self.values[name] / self.values[self.against]

    def table(self) -> Iterable[str]:
        """Lines for a terminal."""
        yield f"\n{self.title} ({self.database}). {self.origin}"
        yield f"  {'':52}{self.head:>24}{'spread':>18}{'CPU':>8}{'ratio':>8}{'statements':>12}"
        for name in self.values:
            shown = f"{self.shown(name):>24}{self.shown_spread(name):>18}{self.shown_cpu(name):>8}"
            yield f"  {name:52}{shown}{self.ratio(name):8.2f}{self.statements.get(name, ''):>12}"
        if self.note:
            yield f"  {self.note}"


class Measured(TypedDict):
    """What a contest came to, named like the fields of a result."""

    values: dict[str, float]
    spread: dict[str, tuple[float, float]]
    cpu: dict[str, float]


def figure(value: float) -> str:
    """The value with three digits at the least that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def contest(
    contestants: dict[str, Callable[[], Any]],
    *,
    rounds: int,
    calls: int,
    units: int = 1,
    measure: str = MICROSECONDS,
    between: Callable[[], Any] = lambda: None,
) -> Measured:
    """
    Let each contestant make so many calls a round, in turns; return the times of a unit, of which a call has `units`.

    `between` is called, outside the measurement, before each turn.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    busy = dict.fromkeys(contestants, 0.0)
    for call in contestants.values():
        call()  # caches warm up
    for _ in range(rounds):
        for name, call in contestants.items():
            between()
            others, own, start = cpu.of_others(), time.process_time(), time.perf_counter()
            for _ in range(calls):
                call()
            times[name].append((time.perf_counter() - start) / calls / units * PER_SECOND[measure])
            own = time.process_time() - own
            busy[name] += (own + cpu.of_others() - others) / calls / units / rounds * PER_SECOND[measure]
    return Measured(
        values={name: statistics.median(each) for name, each in times.items()},
        spread={name: (min(each), max(each)) for name, each in times.items()},
        cpu={name: each for name, each in busy.items() if each},
    )


def statements(call: Callable[[], Any]) -> int:
    """How many statements a call sends through Django, with BEGIN and COMMIT."""
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def hand_in(results: Iterable[Result]) -> None:
    """Give the results to the process that started this one: a line of JSON each."""
    for result in results:
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
        sys.stdout.flush()


def machine() -> dict[str, str]:
    """What it was measured on."""
    return {"python": platform.python_version(), "system": platform.system(), "cpus": str(os.cpu_count())}
