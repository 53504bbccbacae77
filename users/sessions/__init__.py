"""The login sessions of people: list them, end them. `users.sessions.lifetime` explains how a session ends."""

from users.sessions.finding import find
from users.sessions.lifetime import (
    begin,
    current,
    end,
    end_all,
    ended,
    follow,
    forget,
    in_use,
    note_expiry,
    open_sessions,
    user_of,
)

__all__ = [
    "begin",
    "current",
    "end",
    "end_all",
    "ended",
    "find",
    "follow",
    "forget",
    "in_use",
    "note_expiry",
    "open_sessions",
    "user_of",
]
