"""Standard output, for a collector that reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from audit.stream.exceptions import ReaderIsGone, TargetUnavailable
from audit.stream.formats import Format
from audit.stream.targets.event import TAKEN, Event, Receipt


class StandardOutput:
    """Writes lines to standard output, in UTF-8. They count as taken when they are written."""

    def __init__(self, form: Format) -> None:
        self._heading, self._out = form.heading, Unbuffered()

    def deliver(self, events: Sequence[Event]) -> Iterator[Receipt]:
        lines = [self._heading] if self._heading else []
        lines += [event.line for event in events]
        try:
            self._out.write("".join(f"{line}\n" for line in lines).encode())
        except BrokenPipeError as error:
            raise ReaderIsGone from error
        except OSError as error:
            raise TargetUnavailable(f"standard output: {error}") from error
        self._heading = ""
        yield from (TAKEN for _ in events)

    def close(self) -> None:
        """Do nothing: standard output stays open."""


class Unbuffered:
    """
    Standard output without the buffer of Python, which keeps what could not be written and fails again at the end.

    A line that a full disk has cut off is completed first, so that what follows is not part of it.
    """

    def __init__(self) -> None:
        self._cut_off = b""

    def write(self, data: bytes) -> None:
        """Write everything. Raises `OSError`."""
        data, done = self._cut_off + data, 0
        out = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
        sys.stdout.flush()
        try:
            while done < len(data):
                done += out.write(memoryview(data)[done:]) or 0
        finally:
            is_within = 0 < done < len(data) and not data[:done].endswith(b"\n")
            self._cut_off = data[done : data.index(b"\n", done) + 1] if is_within else b""

    def flush(self) -> None:
        """Do nothing: nothing is kept back."""
