"""URLs of receivers."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parsed(address: str) -> SplitResult | None:
    """Return the parts of a URL, or None if its host or port is one that none can have."""
    try:
        url = urlsplit(address)
        usable = bool(url.hostname) and url.port != 0
        str(url.hostname).encode("idna")
    except ValueError:
        return None
    return url if usable else None
