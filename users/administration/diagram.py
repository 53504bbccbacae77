"""
The lifecycle as an SVG diagram, drawn from the transitions that the code defines.

States stand in columns, by their distance from a state that no transition leads to; upright, for phones, in rows.
Arrows run straight between them, side by side if two states lead to each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_fsm import Transition

Key = str | tuple[str, str]
"""Identifies a state by its name, or an arrow by (source, name of the transition)."""

WIDTH, HEIGHT = 132, 56
"""The size of a state in the diagram's units, like all sizes below."""

COLUMN, ROW = 262, 158
UPRIGHT_COLUMN, UPRIGHT_ROW = 264, 140
MARGIN = 24
RING = 5
"""The distance of the ring around the current state."""

SIDE_BY_SIDE = 9
"""The distance of an arrow from the line between two states that lead to each other."""

TO_LABEL, TO_LABEL_ASIDE = 12, 20
"""
The distance of a label from its arrow. It is larger for a label beside the arrow, because a label is wider than high.
"""

ARROWHEAD = 9


class Point(NamedTuple):
    """A place or a direction in the diagram."""

    x: float
    y: float

    def along(self, direction: Point, distance: float) -> Point:
        """Return the place at this distance in this direction."""
        return Point(self.x + direction.x * distance, self.y + direction.y * distance)


class Edge(NamedTuple):
    """A transition from one state."""

    name: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Box:
    """A state in the diagram."""

    state: str
    label: str
    centre: Point
    is_current: bool
    number: str
    link: str | None

    @property
    def corner(self) -> Point:
        """The top left corner of its rectangle."""
        return Point(self.centre.x - WIDTH / 2, self.centre.y - HEIGHT / 2)

    @property
    def ring_corner(self) -> Point:
        """The top left corner of the ring around the current state."""
        return Point(self.corner.x - RING, self.corner.y - RING)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transition from one state in the diagram."""

    label: str
    start: Point
    end: Point
    text_at: Point
    text_anchor: str
    is_open: bool
    """Whether it starts in the current state."""

    number: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The numbers and links that the caller of `draw` wants on states and transitions."""

    current: str | None
    labels: Mapping[str, object]
    numbers: Mapping[Key, int]
    links: Mapping[Key, str]

    def label(self, name: str) -> str:
        """Return the label of a state or a transition, by default its name."""
        return str(self.labels.get(name, name))

    def number(self, key: Key) -> str:
        """Return the formatted number of a state or an arrow, or an empty text."""
        return number_format(self.numbers[key], force_grouping=True) if key in self.numbers else ""

    def box(self, state: str, place: Point) -> Box:
        """Return the box of a state at this place."""
        return Box(state, self.label(state), place, state == self.current, self.number(state), self.links.get(state))


def draw(
    transitions: Iterable[Transition],
    *,
    current: str | None = None,
    labels: Mapping[str, object] | None = None,
    numbers: Mapping[Key, int] | None = None,
    links: Mapping[Key, str] | None = None,
    standalone: bool = False,
    upright: bool = False,
) -> SafeString:
    """
    Draw these transitions (`UserFSM.transitions()`) as an SVG element, in the colours of `user_lifecycle/states.css`.

    `current` highlights a state and the arrows that start there. `labels` maps names of states and transitions to
    labels; the default is the name. `numbers` and `links` belong to states and arrows. With `standalone` the diagram
    includes its colours, light and dark, and can be a file of its own. `upright` draws it high instead of wide.
    """
    edges = [Edge(each.name, str(each.source), str(each.target)) for each in transitions]
    places, shown = _places(edges, upright=upright), Shown(current, labels or {}, numbers or {}, links or {})
    boxes = [shown.box(state, place) for state, place in places.items()]
    arrows = _arrows(edges, places, shown)
    context = {
        "boxes": boxes,
        # Those that lead out of the current state lie on top.
        "arrows": sorted(arrows, key=lambda arrow: arrow.is_open),
        "size": Point(*(max(axis) + MARGIN for axis in zip(*_far_corners(places.values()), strict=True))),
        "box": Point(WIDTH, HEIGHT),
        "ring": Point(WIDTH + 2 * RING, HEIGHT + 2 * RING),
        "title": _describe(boxes),
        "has_current": current is not None,
        "has_links": bool(shown.links),
        "prefix": "upright-" if upright else "",
        "style": _style() if standalone else "",
    }
    return SafeString(render_to_string("user_lifecycle/state_diagram.svg", context))


def draw_for_screens(transitions: Iterable[Transition], **shown: Any) -> SafeString:
    """Draw the diagram twice, with the options of `draw`; `states.css` shows the one that fits the width."""
    transitions = list(transitions)
    both = (draw(transitions, **shown), draw(transitions, **shown, upright=True))
    return format_html('<div class="diagrams"><div class="wide">{}</div><div class="upright">{}</div></div>', *both)


def _places(edges: list[Edge], *, upright: bool) -> dict[str, Point]:
    """The centre of each state: its column by distance, its row by the order in the code; upright, the other way."""
    columns: dict[str, int] = {}
    reached = [each.source for each in edges if each.source not in {other.target for other in edges}]
    while reached:
        distance = max(columns.values(), default=-1) + 1
        columns |= dict.fromkeys(reached, distance)
        following = [each.target for each in edges if each.source in reached]
        reached = [state for state in dict.fromkeys(following) if state not in columns]
    rows: dict[int, int] = defaultdict(int)
    places = {}
    for state, distance in columns.items():
        across, down = (rows[distance], distance) if upright else (distance, rows[distance])
        column, row = (UPRIGHT_COLUMN, UPRIGHT_ROW) if upright else (COLUMN, ROW)
        places[state] = Point(MARGIN + WIDTH / 2 + across * column, MARGIN + HEIGHT / 2 + down * row)
        rows[distance] += 1
    return places


def _far_corners(centres: Iterable[Point]) -> list[Point]:
    return [Point(centre.x + WIDTH / 2, centre.y + HEIGHT / 2) for centre in centres]


def _arrows(edges: list[Edge], places: Mapping[str, Point], shown: Shown) -> list[Arrow]:
    pairs = {(each.source, each.target) for each in edges}
    middle = Point(*(sum(axis) / len(places) for axis in zip(*places.values(), strict=True)))
    return [
        _arrow(
            (places[each.source], places[each.target]),
            middle,
            label=shown.label(each.name),
            has_reverse=(each.target, each.source) in pairs,
            is_open=each.source == shown.current,
            to_ring=each.target == shown.current,
            number=shown.number((each.source, each.name)),
            link=shown.links.get((each.source, each.name)),
        )
        for each in edges
    ]


def _arrow(
    ends: tuple[Point, Point],
    centre: Point,
    *,
    label: str,
    has_reverse: bool,
    is_open: bool,
    to_ring: bool,
    number: str,
    link: str | None,
) -> Arrow:
    source, target = ends
    length = hypot(target.x - source.x, target.y - source.y)
    ahead = Point((target.x - source.x) / length, (target.y - source.y) / length)
    back = Point(-ahead.x, -ahead.y)
    # The label is on the left of the arrow. A single diagonal arrow has it on the outside.
    aside = Point(ahead.y, -ahead.x)
    outwards = Point((source.x + target.x) / 2 - centre.x, (source.y + target.y) / 2 - centre.y)
    if not has_reverse and ahead.x and ahead.y and aside.x * outwards.x + aside.y * outwards.y < 0:
        aside = Point(-aside.x, -aside.y)
    off = SIDE_BY_SIDE if has_reverse else 0
    start = _border(source, source.along(aside, off), ahead)
    end = _border(target, target.along(aside, off), back).along(back, ARROWHEAD + RING * to_ring)
    is_above = abs(aside.x) < abs(aside.y) / 2
    anchor = "middle" if is_above else "start" if aside.x > 0 else "end"
    is_diagonal = bool(ahead.x and ahead.y)
    distance = TO_LABEL_ASIDE if is_diagonal and not is_above else TO_LABEL
    middle = Point((start.x + end.x) / 2, (start.y + end.y) / 2).along(aside, distance)
    return Arrow(label, start, end, middle, anchor, is_open, number, link)


def _border(centre: Point, inside: Point, direction: Point) -> Point:
    """Where a line that starts inside a box crosses its border."""
    distances = [
        (half * (1 if step > 0 else -1) - (start - middle)) / step
        for half, step, start, middle in zip((WIDTH / 2, HEIGHT / 2), direction, inside, centre, strict=True)
        if step
    ]
    return inside.along(direction, min(distances))


def _describe(boxes: list[Box]) -> str:
    """The text alternative for people who cannot see the diagram."""
    for box in boxes:
        if box.is_current:
            return _("The states of an account. This account is: %(state)s") % {"state": box.label}
    return _("The states of an account")


def _style() -> str:
    return Path(str(finders.find("user_lifecycle/states.css"))).read_text(encoding="utf-8")
