"""Runs streams until there is nothing left to deliver, or for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connections

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
    _patience: Patience = field(default_factory=Patience)

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
        try:
            count = stream.step()
        except TargetUnavailable as error:
            self._failed(stream, error, error.retry_after)
            return True
        except (OperationalError, InterfaceError, OnStandby) as error:  # while another server becomes the primary
            connections[stream.cursor.using].close()
            self._failed(stream, error, None)
            return True
        self._patience.succeed()
        self.delivered += count
        return count > 0

    def _failed(self, stream: Stream, error: Exception, retry_after: float | None) -> None:
        self.say(f"{stream.source.name}: {error}".strip())
        with suppress(DatabaseError, InterfaceError):
            stream.cursor.note_error(error)
        if self.attempts is not None and self._patience.attempts + 1 >= self.attempts:
            raise error
        self._patience.wait(retry_after, self._renew_all)

    def _renew_all(self) -> None:
        for stream in self.streams:
            with suppress(DatabaseError, InterfaceError):
                stream.cursor.renew()
