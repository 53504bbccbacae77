"""The figure of growth: a line for each question, which shows how its time grows with the number of records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.measuring.harness import PER_SECOND, Result

SHOWS = ("growth", "millions")
"""The benchmarks whose results it shows."""

WIDTH, HEIGHT = 860, 480
LEFT, RIGHT, TOP, BOTTOM = 60, 320, 20, 50
COLOURS = ("#1f6feb", "#b35900", "#1a7f37", "#8250df", "#cf222e")
DASHES = ("none", "7 3", "2 3", "12 3 2 3")
"""How the lines are drawn that have the same colour."""

HEAD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">
<title>How times grow with the number of records</title>
<style>text {{ font: 13px sans-serif; fill: #6b6b6b }} .axis {{ stroke: #8a8a8a; stroke-opacity: .4 }}
polyline {{ fill: none; stroke-width: 2 }}</style>"""


def drawn(results: Sequence[Result]) -> str:
    """Return the figure as SVG: the records on a logarithmic scale, and times as multiples of those with the fewest."""
    results = [each for each in results if each.measure in PER_SECOND]
    sizes = sorted({_records(name) for each in results for name in each.values})
    highest = max(2, math.ceil(max(each.ratio(name) for each in results for name in each.values)))
    across = Scale(math.log10(sizes[0]), math.log10(sizes[-1]), LEFT, WIDTH - RIGHT)
    up = Scale(0, highest, HEIGHT - BOTTOM, TOP)
    parts = [HEAD, *_axes(sizes, highest, across, up)]
    below = sorted(range(len(results)), key=lambda number: -_last(results[number]))
    for place, number in enumerate(below):
        result, colour, dashes = results[number], COLOURS[number % len(COLOURS)], DASHES[number // len(COLOURS)]
        points = [(across.at(math.log10(_records(n))), up.at(result.ratio(n))) for n in result.values]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        y = TOP + 16 + place * 20
        drawn_as = f'stroke="{colour}" stroke-dasharray="{dashes}"'
        parts.append(f'<polyline points="{line}" {drawn_as}/>')
        parts.append(f'<polyline points="{WIDTH - RIGHT + 16},{y - 4} {WIDTH - RIGHT + 44},{y - 4}" {drawn_as}/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 52}" y="{y}">{escape(result.title)}</text>')
    return "\n".join([*parts, "</svg>", ""])


class Scale:
    """Turns values into places on the paper."""

    def __init__(self, first: float, last: float, begin: float, end: float) -> None:
        self.first, self.begin, self.by = first, begin, (end - begin) / (last - first)

    def at(self, value: float) -> float:
        return self.begin + (value - self.first) * self.by


def _axes(sizes: Sequence[int], highest: int, across: Scale, up: Scale) -> list[str]:
    parts = []
    for value in range(highest + 1):
        y = up.at(value)
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value} ×</text>')
    for size in sizes:
        x = across.at(math.log10(size))
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [*parts, f'<text x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">records</text>']


def _records(name: str) -> int:
    return int(name.removesuffix(" records").replace(",", ""))


def _last(result: Result) -> float:
    return result.ratio(list(result.values)[-1])
