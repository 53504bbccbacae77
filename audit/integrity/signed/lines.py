"""Records as JSON, in archives and in the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.integrity.signed.facts import Facts, Row, canonical_moment, message_of

MOMENTS = ("datetime", "locked_until")


def values_of(facts: Facts) -> dict[str, Any]:
    """Return the facts of a record by column, in a form that JSON preserves exactly."""
    return facts._asdict() | moments_of(facts)


def moments_of(facts: Facts) -> dict[str, str | None]:
    """The times of a record, by the names of their columns, in the one form that an archive has."""
    return {name: _text(getattr(facts, name)) for name in MOMENTS}


def row_of(values: dict[str, Any]) -> Row:
    """
    Return a record from the values of `values_of` and its `signature`. A missing `id` becomes 0.

    Raises `ValueError`, `TypeError`, `KeyError` or `AttributeError` for anything that is not a record.
    """
    known = dict(values)
    key, signed = known.pop("id", 0), str(known.pop("signature"))
    moments = {name: known.get(name) for name in MOMENTS}
    facts = Facts(**known | {name: text and datetime.fromisoformat(text) for name, text in moments.items()})
    if type(facts.sequence) is not int or type(key) is not int:
        raise ValueError("sequence and key are not numbers")
    return Row(facts, message_of(facts, signed), signed, key)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else canonical_moment(moment)
