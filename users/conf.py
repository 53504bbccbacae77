"""
The settings of this app, read from Django's each time one is used.

Defaults stand here and nowhere else; nothing is written into `django.conf.settings`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings

from users.states import State


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, f"USERS_{name}", default)


def initial_state() -> State:
    """`USERS_INITIAL_STATE`: where new users start, `"invited"` (the default) or `"active"`."""
    return State(_setting("INITIAL_STATE", State.INVITED))


def bulk_batch_size() -> int:
    """`USERS_BULK_BATCH_SIZE`: how many accounts one transaction of a bulk transition moves (1000)."""
    return int(_setting("BULK_BATCH_SIZE", 1000))


def trusted_proxies() -> int | list[str]:
    """
    `USERS_TRUSTED_PROXIES`: whose X-Forwarded-For is believed; by default nobody's.

    Either how many proxies stand in front (0), or the networks they are in (`["10.0.0.0/8"]`).
    """
    value: int | list[str] = _setting("TRUSTED_PROXIES", 0)
    return value


def lockout_failure_limit() -> int:
    """`USERS_LOCKOUT_FAILURE_LIMIT`: how many wrong passwords lock an account (5)."""
    return int(_setting("LOCKOUT_FAILURE_LIMIT", 5))


def lockout_window() -> timedelta:
    """`USERS_LOCKOUT_WINDOW`: within how long they count together (15 minutes)."""
    value: timedelta = _setting("LOCKOUT_WINDOW", timedelta(minutes=15))
    return value


def lockout_duration() -> timedelta:
    """`USERS_LOCKOUT_DURATION`: how long such a lock holds (30 minutes)."""
    value: timedelta = _setting("LOCKOUT_DURATION", timedelta(minutes=30))
    return value


def invitation_max_age() -> timedelta:
    """`USERS_INVITATION_MAX_AGE`: how long the link of an invitation is good (7 days)."""
    value: timedelta = _setting("INVITATION_MAX_AGE", timedelta(days=7))
    return value


def site_url() -> str:
    """`USERS_SITE_URL`: where the site is, for links in mails, without a path (`"https://accounts.example.com"`)."""
    return str(_setting("SITE_URL", "")).rstrip("/")
