"""Reads files of lines that were kept elsewhere: journals and checkpoints, also compressed ones."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GZIP = b"\x1f\x8b"
"""The first bytes of a file that log rotation has compressed."""

NOT_JSON = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""The exceptions that a line raises if it is not what was written. Brackets nested too deeply raise the last one."""

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
"""The exceptions of a compressed file that is cut off or altered."""


class Line(NamedTuple):
    """A line that is not empty."""

    number: int
    text: bytes
    is_whole: bool
    """False for a last line without its end: the file was copied while somebody wrote to it."""


def lines(path: Path) -> Iterator[Line]:
    """Yield the lines. Raises `OSError` if there is no such file, and one of `DAMAGED`."""
    with path.open("rb") as plain:
        compressed = plain.read(len(GZIP)) == GZIP
    with gzip.open(path) if compressed else path.open("rb") as file:
        for number, text in enumerate(file, 1):
            if text.strip():
                yield Line(number, text, text.endswith(b"\n"))
