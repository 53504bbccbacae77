"""The login sessions of people: list them, end them. `users.sessions.lifetime` explains how a session ends."""

from users.sessions.finding import find
from users.sessions.lifetime import (
    any_ended,
    begin,
    clear_ended,
    current,
    drafted,
    end,
    end_all,
    end_all_of,
    follow,
    forget,
    in_use,
    note_expiry,
    of_account,
    open_sessions,
    turn_away,
    user_of,
)
from users.sessions.shown import shown
from users.sessions.switched import sitting_in

__all__ = [
    "any_ended",
    "begin",
    "clear_ended",
    "current",
    "drafted",
    "end",
    "end_all",
    "end_all_of",
    "find",
    "follow",
    "forget",
    "in_use",
    "note_expiry",
    "of_account",
    "open_sessions",
    "shown",
    "sitting_in",
    "turn_away",
    "user_of",
]
