"""A clock that a story sets, so that its events are recorded with their own times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from unittest.mock import patch


class Clock:
    """
    A clock that is set to moments and goes on from there, at the pace of the real one.

    Django asks for the time in one place, `django.utils.timezone.now`, also where a field's default is the time. While
    the clock is `in_use`, that place asks here. Signatures of links and sessions' cookies ask the machine, so links
    from the story are as fresh as the demonstration itself.
    """

    def __init__(self) -> None:
        self.begin = datetime.now(tz=UTC)
        """When the story is told, at which it ends."""
        self.set_to(self.begin)

    def set_to(self, moment: datetime) -> None:
        """Set the clock to this moment."""
        self._moment, self._set_at = moment, time.monotonic()

    def of_day(self, days: float, time_of_day: str) -> datetime:
        """Return a time of day (`"09:30"`, UTC), this many days before the story is told."""
        hour, minute = map(int, time_of_day.split(":"))
        day = self.begin - timedelta(days=days)
        return day.replace(hour=hour, minute=minute, second=(7 * hour + minute) % 60)

    def now(self) -> datetime:
        """The moment by this clock."""
        return self._moment + timedelta(seconds=time.monotonic() - self._set_at)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let Django take the time from this clock inside the block."""
        with patch("django.utils.timezone.datetime", _telling(self)):
            yield


def _telling(clock: Clock) -> type[datetime]:
    """A stand-in for the class whose `now` is the clock's; every `datetime` counts as an instance of it."""

    class AnyMoment(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, datetime)

    class Moments(datetime, metaclass=AnyMoment):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            moment = clock.now().astimezone(tz)
            return moment if tz else moment.replace(tzinfo=None)

    return Moments
