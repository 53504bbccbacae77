"""Numbers that clients send as text: in a path, a query or a header."""

from __future__ import annotations

LONGEST = len(str(2**63)) - 1
"""In digits: what is longer may be no key of any database."""


def number_in(text: str) -> int | None:
    """Return the number that these ASCII digits make, or None for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None
