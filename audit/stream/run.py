"""Runs streams until there is nothing left to deliver, or for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connections

from audit.exceptions import OnStandby
from audit.stream import patience
from audit.stream.delivery import Stream
from audit.stream.exceptions import TargetUnavailable
from audit.stream.patience import Patience

POLL = 1.0
"""The pause in seconds before a table without new rows is read again."""


@dataclass(slots=True)
class Run:
    """Several tables on their way to one receiver."""

    streams: Sequence[Stream]
    attempts: int | None
    """How often in a row a receiver may fail; None for ever."""

    say: Callable[[str], Any]
    delivered: int = 0
    _patience: dict[str, Patience] = field(default_factory=lambda: defaultdict(Patience))
    """By the name of the source. A table without new rows asks no receiver, so its success says nothing of another."""

    def again(self) -> int:
        """Deliver the refused events once more, and return how many were taken. Raises as `until_done` does."""
        before = sum(stream.refused() for stream in self.streams)
        for stream in self.streams:
            while self._tried(stream, stream.again) is None:
                pass
        return before - sum(stream.refused() for stream in self.streams)

    def until_done(self) -> None:
        """
        Deliver all current rows, but not those that appear meanwhile, which may never end.

        Raises `TargetUnavailable`, or the error of the database, after the last attempt.
        """
        goals = [(stream, stream.highest()) for stream in self.streams]
        while self._round() and any(stream.cursor.row.last_id < goal for stream, goal in goals):
            pass

    def forever(self) -> None:
        """Deliver current and future rows without end."""
        while True:
            if not self._round():
                patience.pause(POLL)

    def _round(self) -> bool:
        """Let each stream do one step; return whether there may be more to do at once."""
        worked = [self._step(stream) for stream in self.streams]
        return any(worked)

    def _step(self, stream: Stream) -> bool:
        count = self._tried(stream, stream.step)
        self.delivered += count or 0
        return count is None or count > 0

    def _tried(self, stream: Stream, work: Callable[[], int]) -> int | None:
        """Return the number of events that the work delivered; None if it failed and has to be tried again."""
        try:
            count = work()
        except TargetUnavailable as error:
            self._failed(stream, error, error.retry_after)
            return None
        except (OperationalError, InterfaceError, InternalError, OnStandby) as error:
            # While another server becomes the primary, or while this one is read-only.
            connections[stream.cursor.using].close()
            self._failed(stream, error, None)
            return None
        self._patience[stream.source.name].succeed()
        return count

    def _failed(self, stream: Stream, error: Exception, retry_after: float | None) -> None:
        self.say(f"{stream.source.name}: {error}".strip())
        with suppress(DatabaseError, InterfaceError):
            stream.cursor.note_error(error)
        ours = self._patience[stream.source.name]
        if self.attempts is not None and ours.attempts + 1 >= self.attempts:
            raise error
        ours.wait(retry_after, self._renew_all)

    def _renew_all(self) -> None:
        for stream in self.streams:
            with suppress(DatabaseError, InterfaceError):
                stream.cursor.renew()
