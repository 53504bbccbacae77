"""Standard output, for a collector that reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from audit.stream.exceptions import TargetUnavailable
from audit.stream.formats import Format
from audit.stream.targets.event import TAKEN, Event, Receipt


class StandardOutput:
    """Writes lines to standard output, in UTF-8. They count as taken when they are written."""

    def __init__(self, form: Format) -> None:
        self._heading = form.heading

    def deliver(self, events: Sequence[Event]) -> Iterator[Receipt]:
        lines = [self._heading] if self._heading else []
        lines += [event.line for event in events]
        try:
            sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode())
            sys.stdout.buffer.flush()
        except OSError as error:
            raise TargetUnavailable(f"standard output: {error}") from error
        self._heading = ""
        yield from (TAKEN for _ in events)

    def close(self) -> None:
        """Do nothing: standard output stays open."""
