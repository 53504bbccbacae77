"""Text from outside, made fit for every database and every log."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def storable(text: object, limit: int | None = None) -> str:
    """
    The text with control characters and lone surrogates replaced by U+FFFD, cut to `limit` characters.

    PostgreSQL stores no NUL, and UTF-8 has no surrogates; tabs and line ends stay.
    """
    return _UNSTORABLE.sub("\ufffd", str(text)[:limit])
