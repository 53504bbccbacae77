"""The sessions in which people are logged in, and their end; see `users.sessions.lifetime` for how one ends."""

from users.sessions.lifetime import begin, current, end, end_all, forget, in_use, open_sessions, user_of

__all__ = ["begin", "current", "end", "end_all", "forget", "in_use", "open_sessions", "user_of"]
