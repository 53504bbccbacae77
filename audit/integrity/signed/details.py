"""Reads the details of a record from the text that the database has."""

from __future__ import annotations

import json
from typing import Any


def object_of(text: object) -> dict[str, Any]:
    """
    Return the JSON object in this text. Raises one of `facts.UNREADABLE` for anything else.

    An object with the same name twice is refused: Python takes the last value, and SQLite the first one.
    """
    if not isinstance(text, str):
        raise TypeError("its details are not text")
    found = _decode(text)
    if found.__class__ is not dict:
        raise ValueError("its details are not a JSON object")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("its details have the same name twice")
    return found


_decode = json.JSONDecoder(object_pairs_hook=_each_once).decode
"""`json.loads` makes a decoder for each text, which takes as long as reading one."""
