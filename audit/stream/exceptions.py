"""The exceptions of streaming."""

from __future__ import annotations

from datetime import datetime

from audit.exceptions import AuditError


class StreamError(AuditError):
    """The base of all exceptions of streams."""


class CursorIsTaken(StreamError):
    """Another process works with this cursor. It is free when that process ends, or at `until`."""

    def __init__(self, name: str, holder: str, until: datetime | None) -> None:
        self.until = until
        super().__init__(f"the cursor {name!r} is in use by {holder} (until {until:%Y-%m-%d %H:%M:%S %Z} at least)")


class CursorWasLost(StreamError):
    """
    Another process has taken the cursor over, because this one did not renew its lease in time, or somebody has deleted
    or renamed it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"another process has taken over the cursor {name!r}, or it was deleted")


class TargetIsWrong(StreamError, ValueError):
    """The address of a target, or its settings in the environment, cannot be used."""


class TargetUnavailable(StreamError):
    """
    The receiver did not take an event now, and may take it later. `retry_after` is the pause that it asked for, in
    seconds.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


class ReaderIsGone(StreamError):
    """Whoever read standard output has closed it, and nobody can open it again."""

    def __init__(self) -> None:
        super().__init__("standard output: nobody reads it any more")


class EverythingIsRefused(StreamError):
    """The receiver refused several events in a row, so the receiver or its settings are probably wrong."""

    def __init__(self, count: int, answer: str) -> None:
        super().__init__(f"the receiver refused {count} events in a row, the last with: {answer}")
