"""Figures of a change, made fit for JSON in every database, for signatures and for logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from users.input.text import storable

MOST_ENTRIES = 100
"""The maximum number of items in a list or mapping. Further ones are left out."""

LONGEST_TEXT = 1000
DEEPEST = 4
LEFT_OUT = "…"
LARGEST_NUMBER = 2**53
"""Numbers beyond this are not exact in every reader of JSON; they are kept as text."""


def storable_details(details: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    The details of a change with every value as JSON has it: texts, whole numbers, booleans, null, lists, mappings.

    Anything else is kept as text, and what is nested too deep is left out, so that no value makes a transition fail.
    Raises `TypeError` if the details are not a mapping.
    """
    if details is not None and not isinstance(details, Mapping):
        raise TypeError(f"the details of a change are a mapping, not {details!r:.50}")
    return _mapping(details or {}, DEEPEST)


def _mapping(values: Mapping[Any, Any], deepest: int) -> dict[str, Any]:
    first = list(values.items())[:MOST_ENTRIES]
    return {storable(key, LONGEST_TEXT): _value(value, deepest) for key, value in first}


def _value(value: Any, deepest: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST_NUMBER:
        return int(value)
    if isinstance(value, Mapping):
        return _mapping(value, deepest - 1) if deepest else LEFT_OUT
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value(each, deepest - 1) for each in list(value)[:MOST_ENTRIES]] if deepest else LEFT_OUT
    return storable(value, LONGEST_TEXT)
