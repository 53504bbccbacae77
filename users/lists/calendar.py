"""The dates in the parameters of a list: those of Django's date hierarchy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, date

PARTS = ("year", "month", "day")


def names(field: str | None) -> list[str]:
    """Return the parameters of the hierarchy of this field; none without one."""
    return [f"{field}__{part}" for part in PARTS] if field else []


def unreadable(field: str | None, query: Mapping[str, str]) -> list[str]:
    """Return those of these parameters that make no date. A month without a readable year makes none."""
    of_field = names(field)
    for place, name in enumerate(of_field):
        if name in query and _is_date([query.get(each, "") for each in of_field[: place + 1]]):
            continue
        return [each for each in of_field[place:] if each in query]
    return []


def _is_date(parts: list[str]) -> bool:
    if not all(part.isascii() and part.isdigit() and len(part) <= len(str(MAXYEAR)) for part in parts):
        return False
    year, month, day = (int(part) for part in [*parts, "1", "1"][: len(PARTS)])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return MINYEAR < year < MAXYEAR  # the next year is computed, and time zones reach into the one before
