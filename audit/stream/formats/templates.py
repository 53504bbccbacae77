"""
Events by templates: the events of one shape differ in a few values only.

The event of a shape is made once, from a row with marks in the place of its values, and kept as text. Each further row
of this shape is that text with its own values. So a format is defined once, as a function of a row, and a changed
format needs no change here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from audit.models import UserStateAudit
from audit.stream.formats.values import address, filled, milliseconds, one_line, written

Line = Callable[[str, Any, str], str]

CHANGES = "changes"
SHAPES = 1024
"""The number of shapes that are kept. A site has some dozens."""

OPENS, CLOSES = "\ue000", "\ue001"
"""Signs for private use, around the number of a value."""

CONSTANTS = ("transition", "cause", "start_state", "end_state", "actor_kind")
KEYS = ("user_id", "actor_id", "impersonator_id")
TEXTS = ("request_id", "user_agent", "description", "signature")
NAMES = ("username", "initiated_by", "impersonator_name")
"""The names. An event may sort them and leave out equal ones, so their order belongs to the shape."""

EMPTY = ("",) * len(NAMES)

BETWEEN, ESCAPED = "\x01", "\\u0001"
"""A sign between texts that are written together: the sign itself, and as JSON writes it."""

MOMENT, UNTIL = datetime(1971, 3, 4, 5, 6, 7, 891000, UTC), datetime(1972, 3, 4, 5, 6, 7, 891000, UTC)
ADDRESS = "2001:db8:e000:e001:e002:e003:e004:e005"
SEQUENCE, COUNT = 770_000_000_000_000_001, 770_000_000_000_000_002
"""Marks for values that are no text."""

EVENT_ID, DETAILS = "event_id", "details"
VALUES = (*KEYS, *TEXTS, "0", "1", "2", EVENT_ID, DETAILS, "sequence", "count", "moment", "time", "until", "address")
"""The parts that vary; the names by their place in the order of names."""

_constants_of, _keys_of, _texts_of, _names_of = (attrgetter(*each) for each in (CONSTANTS, KEYS, TEXTS, NAMES))


class Shape(NamedTuple):
    """The text that events have in common, apart from their values."""

    constants: tuple[str, ...]
    has: tuple[bool, ...]
    """Which values the row has: keys, texts, details, an end of the lock, an address."""

    ranks: tuple[int, ...]
    """The places of the names in their order; -1 for an empty one."""

    has_count: bool


class Template(NamedTuple):
    """A text with places for values, and the function that takes these from all values of a row."""

    text: str
    chosen: Callable[[Sequence[Any]], Any]


def by_template(line: Line) -> Line:
    """Return a function that writes the same lines as this one, and changes by templates."""

    @lru_cache(maxsize=SHAPES)
    def template_of(shape: Shape) -> Template:
        return _template(line(CHANGES, _Marked(shape), _mark(EVENT_ID)))

    def written_by_template(what: str, row: Any, event_id: str) -> str:
        try:
            found = _measured(row, event_id) if what == CHANGES else None
        except TypeError:  # an empty column that should not be
            found = None
        if found is None:
            return line(what, row, event_id)
        shape, values = found
        text, chosen = template_of(shape)
        return str(text % chosen(values))

    return written_by_template


class _Details(str):
    """The mark of the details, which has a mark for the count in them."""

    __slots__ = ()

    def get(self, name: str) -> int | None:
        return COUNT if name == "count" else None


class _DetailsWithoutCount(_Details):
    __slots__ = ()

    def get(self, name: str) -> int | None:
        return None


class _Marked:
    """A row of this shape, with marks as values."""

    _meta = UserStateAudit._meta

    def __init__(self, shape: Shape) -> None:
        has = iter(shape.has)
        values: dict[str, Any] = dict(zip(CONSTANTS, shape.constants, strict=True))
        values |= {name: _mark(name) if next(has) else None for name in KEYS}
        values |= {name: _mark(name) if next(has) else "" for name in TEXTS}
        details = _Details if shape.has_count else _DetailsWithoutCount
        values["details"] = details(_mark(DETAILS)) if next(has) else {}
        values["locked_until"] = UNTIL if next(has) else None
        values["ip_address"] = ADDRESS if next(has) else ""
        values |= {name: "" if rank < 0 else _mark(str(rank)) for name, rank in zip(NAMES, shape.ranks, strict=True)}
        self.__dict__.update(values, datetime=MOMENT, sequence=SEQUENCE)


def _mark(name: str) -> str:
    # The number has two digits, so that marks are in the order of the numbers.
    return f"{OPENS}{VALUES.index(name):02}{CLOSES}"


def _measured(row: Any, event_id: str) -> tuple[Shape, tuple[Any, ...]] | None:
    """Return the shape of a row and its values as written in JSON; None for a row that no template can write."""
    constants, keys, texts, names = _constants_of(row), _keys_of(row), _texts_of(row), _names_of(row)
    details, moment, until, ip = row.details, row.datetime, row.locked_until, address(row.ip_address)
    kept = filled(details) if details.__class__ is dict else None
    if moment is None or kept is None or bool(details) != bool(kept) or OPENS in "".join(constants):
        return None
    if row.sequence.__class__ is not int:  # SQLite keeps any value
        return None
    count = details.get("count")
    if count is not None and (count.__class__ is not int or not count):
        return None
    order = sorted({*names} - {""})
    inside = _inside((*map(str, keys), *texts, *order, *EMPTY[len(order) :]))
    if inside is None:
        return None
    has = (*[key is not None for key in keys], *map(bool, texts), bool(kept), until is not None, ip is not None)
    shape = Shape(constants, has, tuple([order.index(name) if name else -1 for name in names]), count is not None)
    return shape, (
        *inside,
        event_id,
        one_line(kept) if kept else "",
        row.sequence,
        count,
        written(moment),
        milliseconds(moment),
        written(until),
        ip,
    )


def _inside(texts: Sequence[str]) -> list[str] | None:
    """Return the texts as JSON writes them between quotes, or None if one of them contains the separating sign."""
    inside: list[str] = encode_basestring(BETWEEN.join(texts))[1:-1].split(ESCAPED)
    return inside if len(inside) == len(texts) else None


PLACES = {
    f'"{_mark(DETAILS)}"': DETAILS,
    **{_mark(name): name for name in VALUES},
    str(SEQUENCE): "sequence",
    str(COUNT): "count",
    str(written(MOMENT)): "moment",
    str(milliseconds(MOMENT)): "time",
    str(written(UNTIL)): "until",
    ADDRESS: "address",
}
"""The marks in the text of an event, and the values that take their places."""

_PLACE = re.compile("|".join(map(re.escape, PLACES)))


def _template(text: str) -> Template:
    chosen = [VALUES.index(PLACES[mark]) for mark in _PLACE.findall(text)]
    return Template(_PLACE.sub("%s", text.replace("%", "%%")), itemgetter(*chosen))
