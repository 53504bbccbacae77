"""Text from clients that every database and log accepts."""

from __future__ import annotations

import re

_IN_NO_DATABASE = re.compile("[\0\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def storable(text: object, limit: int | None = None) -> str:
    """
    Return the text with control characters and lone surrogates replaced by U+FFFD, cut to `limit` characters.

    PostgreSQL cannot store NUL, and UTF-8 has no surrogates. Tabs and line breaks stay.
    """
    return _UNSTORABLE.sub("\ufffd", str(text)[:limit])


def is_storable(text: str) -> bool:
    """Whether every database can hold this text as it is: without NUL and without lone surrogates."""
    return not _IN_NO_DATABASE.search(text)
