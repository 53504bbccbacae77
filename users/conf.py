"""
The settings of this app, read from Django's each time one is used.

Defaults stand here and nowhere else; nothing is written into `django.conf.settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from users.states import State

LOCKOUT_DEFAULTS: dict[str, Any] = {
    "FAILURE_LIMIT": 5,
    "WINDOW": timedelta(minutes=15),
    "DURATION": timedelta(minutes=30),
    "ESCALATION": [timedelta(hours=1), timedelta(hours=4), timedelta(hours=12)],
}
LOCKOUT_PRESETS: dict[str | None, dict[str, Any]] = {
    None: {},
    "pci": {"FAILURE_LIMIT": 10, "WINDOW": None},
    "nist": {"FAILURE_LIMIT": 100, "WINDOW": None, "DURATION": timedelta(hours=1)},
}

MAIL_RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, f"USERS_{name}", default)


def _lockout(name: str) -> Any:
    values = LOCKOUT_DEFAULTS | LOCKOUT_PRESETS[lockout_preset()]
    return _setting(f"LOCKOUT_{name}", values[name])


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


def lockout_preset() -> str | None:
    """
    `USERS_LOCKOUT_PRESET`: whose rules give the values that are not set themselves; by default nobody's.

    `"pci"`: PCI DSS 4.0.1, 8.3.4: not more than 10 tries, then 30 minutes or until the person's identity is confirmed.
    `"nist"`: NIST SP 800-63B, 5.2.2: not more than 100 failures in a row, and waiting times of up to an hour.
    """
    value: str | None = _setting("LOCKOUT_PRESET", None)
    return value


def lockout_failure_limit() -> int:
    """`USERS_LOCKOUT_FAILURE_LIMIT`: how many wrong passwords lock an account (5)."""
    return int(_lockout("FAILURE_LIMIT"))


def lockout_window() -> timedelta | None:
    """
    `USERS_LOCKOUT_WINDOW`: after how long without a wrong password the count begins anew (15 minutes).

    None: only a right password begins it anew.
    """
    value: timedelta | None = _lockout("WINDOW")
    return value


def lockout_duration() -> timedelta:
    """`USERS_LOCKOUT_DURATION`: how long an automatic lock holds (30 minutes)."""
    value: timedelta = _lockout("DURATION")
    return value


def lockout_escalation() -> Sequence[timedelta]:
    """
    `USERS_LOCKOUT_ESCALATION`: how long an automatic lock holds within a day of the one before (1, 4 and 12 hours).

    The first is for the second lock, and so on; the last is for all that follow. Empty: all hold equally long.
    """
    value: Sequence[timedelta] = _lockout("ESCALATION")
    return value


def lockout_address_limit() -> int | None:
    """
    `USERS_LOCKOUT_ADDRESS_LIMIT`: how many failed logins one address may have before it has to wait (50).

    They are counted within `USERS_LOCKOUT_ADDRESS_WINDOW`. None: no limit.
    """
    value: int | None = _setting("LOCKOUT_ADDRESS_LIMIT", 50)
    return value


def lockout_address_window() -> timedelta:
    """`USERS_LOCKOUT_ADDRESS_WINDOW`: how long a failed login counts against its address (15 minutes)."""
    value: timedelta = _setting("LOCKOUT_ADDRESS_WINDOW", timedelta(minutes=15))
    return value


def lockout_trusted_networks() -> Sequence[str]:
    """
    `USERS_LOCKOUT_TRUSTED_NETWORKS`: networks whose addresses have no limit of failed logins; by default none.

    A list such as `["10.0.0.0/8"]`. Loopback never has a limit.
    """
    value: Sequence[str] = _setting("LOCKOUT_TRUSTED_NETWORKS", [])
    return value


def lockout_cache() -> str:
    """`USERS_LOCKOUT_CACHE`: the alias of the cache that counts the failed logins of addresses (`"default"`)."""
    return str(_setting("LOCKOUT_CACHE", "default"))


def login_urls() -> Sequence[str]:
    """`USERS_LOGIN_URLS`: the names of the URLs that take a password from strangers (`["login", "admin:login"]`)."""
    value: Sequence[str] = _setting("LOGIN_URLS", ["login", "admin:login"])
    return value


def unlock_link_lifetime() -> timedelta:
    """`USERS_UNLOCK_LINK_LIFETIME`: how long the link in the mail that tells of a lock can be used (24 hours)."""
    value: timedelta = _setting("UNLOCK_LINK_LIFETIME", timedelta(hours=24))
    return value


def invitation_max_age() -> timedelta:
    """`USERS_INVITATION_MAX_AGE`: how long the link of an invitation is good (7 days)."""
    value: timedelta = _setting("INVITATION_MAX_AGE", timedelta(days=7))
    return value


def dormant_after() -> timedelta:
    """`USERS_DORMANT_AFTER`: after how long without a login an account is deactivated (90 days)."""
    value: timedelta = _setting("DORMANT_AFTER", timedelta(days=90))
    return value


def dormant_warning() -> timedelta:
    """`USERS_DORMANT_WARNING`: how long before a dormant account is deactivated its person is warned (14 days)."""
    value: timedelta = _setting("DORMANT_WARNING", timedelta(days=14))
    return value


def never_dormant_group() -> str:
    """`USERS_NEVER_DORMANT_GROUP`: the group whose accounts are never taken for dormant (`"never-dormant"`)."""
    return str(_setting("NEVER_DORMANT_GROUP", "never-dormant"))


def site_url() -> str:
    """
    `USERS_SITE_URL`: the address that links in mails begin with, without a path; it has no default.

    For example `"https://accounts.example.com"`.
    """
    return str(_setting("SITE_URL", "")).rstrip("/")


def mail_delivery() -> str:
    """
    `USERS_MAIL_DELIVERY`: who sends an email once what it tells of is committed (`"thread"`).

    `"thread"`: a thread of the process at once, outside the request. `"request"`: the request itself, whose time then
    tells whether an email was sent. `"worker"`: nobody but `manage.py send_mails`.
    """
    return str(_setting("MAIL_DELIVERY", "thread"))


def mail_retries() -> Sequence[timedelta]:
    """
    `USERS_MAIL_RETRIES`: how long to wait after each failure to send an email (1, 5 and 30 minutes, 2 and 8 hours).

    After that it has failed, until an administrator tries again. Empty: no email is tried twice.
    """
    value: Sequence[timedelta] = _setting("MAIL_RETRIES", MAIL_RETRIES)
    return value


def language_of() -> Callable[[Any], str]:
    """
    `USERS_LANGUAGE_OF`: a function that returns the language of a user (`"users.mail.language.last_used"`).

    The function, or its dotted path. By default the language that the person used last.
    """
    value: Callable[[Any], str] | str = _setting("LANGUAGE_OF", "users.mail.language.last_used")
    found: Callable[[Any], str] = import_string(value) if isinstance(value, str) else value
    return found


def shared_mailboxes() -> bool:
    """`USERS_SHARED_MAILBOXES`: whether two accounts may have the same email address (False)."""
    return bool(_setting("SHARED_MAILBOXES", default=False))
