"""Text from clients that every database and log accepts."""

from __future__ import annotations

import re

_IN_NO_DATABASE = re.compile("[\0\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def storable(text: object, limit: int | None = None) -> str:
    """
    Return the text with control characters and lone surrogates replaced by U+FFFD, cut to `limit` characters.

    PostgreSQL cannot store NUL, and UTF-8 has no surrogates. Tabs and line breaks stay. An object whose `str()` raises,
    such as a number of more than 4,300 digits, becomes the name of its type.
    """
    try:
        told = str(text)
    except Exception:  # noqa: BLE001 - an object may raise anything
        told = f"<{type(text).__name__}>"
    return _UNSTORABLE.sub("\ufffd", told[:limit])


def is_storable(text: str) -> bool:
    """Whether every database can hold this text as it is: without NUL and without lone surrogates."""
    return not _IN_NO_DATABASE.search(text)
