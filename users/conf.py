"""
The settings of this app, read from Django's settings on each use.

All defaults are here. Nothing is written into `django.conf.settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core import mail
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
    "nist": {"FAILURE_LIMIT": 100, "WINDOW": None, "DURATION": timedelta(hours=1), "ESCALATION": []},
}

MAIL_RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
DEFAULT_LOGIN_URLS = ("user_lifecycle:login", "admin:login", "login")
DEFAULT_BACKENDS_WITHOUT_PASSWORDS = (
    "axes.backends.AxesBackend",
    "axes.backends.AxesStandaloneBackend",
    "mozilla_django_oidc.auth.OIDCAuthenticationBackend",
)


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, f"USERS_{name}", default)


def _lockout(name: str) -> Any:
    values = LOCKOUT_DEFAULTS | LOCKOUT_PRESETS[lockout_preset()]
    return _setting(f"LOCKOUT_{name}", values[name])


def initial_state() -> State:
    """`USERS_INITIAL_STATE`: the state in which new users start, `"invited"` (the default) or `"active"`."""
    return State(_setting("INITIAL_STATE", State.INVITED))


class IsActiveWrites(StrEnum):
    """The effect of an assignment to `is_active` when the user is saved."""

    TRANSITION = "transition"
    """It is carried out: False deactivates, True activates, unlocks or reactivates."""

    REFUSE = "refuse"
    """`save()` raises `IsActiveNotWritable`."""

    IGNORE = "ignore"
    """Nothing, and the instance shows again what was loaded."""


def is_active_writes() -> IsActiveWrites:
    """
    `USERS_IS_ACTIVE_WRITES`: what `user.is_active = …; user.save()` does, by default a `"transition"`.

    `"refuse"`: it raises `users.exceptions.IsActiveNotWritable`. `"ignore"`: it does nothing.
    """
    return IsActiveWrites(_setting("IS_ACTIVE_WRITES", IsActiveWrites.TRANSITION))


def bulk_batch_size() -> int:
    """`USERS_BULK_BATCH_SIZE`: the number of accounts in one transaction of a bulk transition (1000)."""
    return int(_setting("BULK_BATCH_SIZE", 1000))


def pipeline() -> bool:
    """
    `USERS_PIPELINE`: whether BEGIN and COMMIT of a transition travel with its statements on PostgreSQL (True).

    A transition then waits twice for the database instead of four times. False: for a pooler that cannot do it.
    """
    return bool(_setting("PIPELINE", default=True))


def trusted_proxies() -> int | list[str]:
    """
    `USERS_TRUSTED_PROXIES`: the proxies whose X-Forwarded-For is believed; by default none.

    Either the number of proxies in front of the site (0), or a list of their networks (`["10.0.0.0/8"]`).
    """
    value: int | list[str] = _setting("TRUSTED_PROXIES", 0)
    return value


def lockout_preset() -> str | None:
    """
    `USERS_LOCKOUT_PRESET`: a standard that provides the lockout settings that are not set; by default none.

    `"pci"`: PCI DSS 4.0.1, 8.3.4: at most 10 attempts, then 30 minutes or until the person's identity is confirmed.
    `"nist"`: NIST SP 800-63B, 5.2.2: at most 100 consecutive failures, and waiting times of up to an hour.
    """
    value: str | None = _setting("LOCKOUT_PRESET", None)
    return value


def lockout_failure_limit() -> int:
    """`USERS_LOCKOUT_FAILURE_LIMIT`: the number of wrong passwords that lock an account (5)."""
    return int(_lockout("FAILURE_LIMIT"))


def lockout_window() -> timedelta | None:
    """
    `USERS_LOCKOUT_WINDOW`: the time without a wrong password after which the count restarts (15 minutes).

    None: only a right password restarts it.
    """
    value: timedelta | None = _lockout("WINDOW")
    return value


def lockout_duration() -> timedelta:
    """`USERS_LOCKOUT_DURATION`: how long an automatic lock lasts (30 minutes)."""
    value: timedelta = _lockout("DURATION")
    return value


def lockout_escalation() -> Sequence[timedelta]:
    """
    `USERS_LOCKOUT_ESCALATION`: how long further automatic locks within a day last (1, 4 and 12 hours).

    The first value is for the second lock, and so on; the last is for all that follow. Empty: all last equally long.
    """
    value: Sequence[timedelta] = _lockout("ESCALATION")
    return value


def lockout_address_limit() -> int | None:
    """
    `USERS_LOCKOUT_ADDRESS_LIMIT`: the number of failed logins after which an address has to wait (50).

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
    `USERS_LOCKOUT_TRUSTED_NETWORKS`: networks whose addresses are exempt from that limit; by default none.

    A list such as `["10.0.0.0/8"]`.
    """
    value: Sequence[str] = _setting("LOCKOUT_TRUSTED_NETWORKS", [])
    return value


def login_urls() -> Sequence[str]:
    """
    `USERS_LOGIN_URLS`: the names of the URLs that take passwords (`["user_lifecycle:login", "admin:login", "login"]`).

    There, an address over its limit is refused before the password is checked.
    """
    value: Sequence[str] = _setting("LOGIN_URLS", DEFAULT_LOGIN_URLS)
    return value


def login_fields() -> Sequence[str]:
    """
    `USERS_LOGIN_FIELDS`: the fields of the user model with which people log in; by default the username field.

    With `["username", "email"]`, either works. The first field that matches exactly one account decides.
    """
    value: Sequence[str] = _setting("LOGIN_FIELDS", [])
    return value


def backends_without_passwords() -> Sequence[str]:
    """
    `USERS_BACKENDS_WITHOUT_PASSWORDS`: authentication backends without passwords, which `users.E021` ignores.

    Paths as in `AUTHENTICATION_BACKENDS`. The default lists backends of well-known packages.
    """
    value: Sequence[str] = _setting("BACKENDS_WITHOUT_PASSWORDS", DEFAULT_BACKENDS_WITHOUT_PASSWORDS)
    return value


def device_cookie() -> str:
    """`USERS_DEVICE_COOKIE`: the name of the cookie of known devices (`"known_device"`)."""
    return str(_setting("DEVICE_COOKIE", "known_device"))


def device_lifetime() -> timedelta:
    """`USERS_DEVICE_LIFETIME`: how long a browser stays a known device after a login (180 days)."""
    value: timedelta = _setting("DEVICE_LIFETIME", timedelta(days=180))
    return value


def reset_mail_limit() -> int:
    """`USERS_RESET_MAIL_LIMIT`: the number of links that an account gets by email on request within an hour (3)."""
    return int(_setting("RESET_MAIL_LIMIT", 3))


def reset_address_limit() -> int:
    """`USERS_RESET_ADDRESS_LIMIT`: the number of links that one address may request within an hour (20)."""
    return int(_setting("RESET_ADDRESS_LIMIT", 20))


def unlock_link_lifetime() -> timedelta:
    """`USERS_UNLOCK_LINK_LIFETIME`: how long the link in the email about a lock is valid (24 hours)."""
    value: timedelta = _setting("UNLOCK_LINK_LIFETIME", timedelta(hours=24))
    return value


def invitation_max_age() -> timedelta:
    """`USERS_INVITATION_MAX_AGE`: how long an invitation link is valid (7 days)."""
    value: timedelta = _setting("INVITATION_MAX_AGE", timedelta(days=7))
    return value


def dormant_after() -> timedelta:
    """`USERS_DORMANT_AFTER`: the time without a login after which an account is deactivated (90 days)."""
    value: timedelta = _setting("DORMANT_AFTER", timedelta(days=90))
    return value


def dormant_warning() -> timedelta:
    """`USERS_DORMANT_WARNING`: how long before the deactivation the person is warned (14 days)."""
    value: timedelta = _setting("DORMANT_WARNING", timedelta(days=14))
    return value


def undo_max_age() -> timedelta:
    """`USERS_UNDO_MAX_AGE`: how long after an operation the admin offers to undo it (24 hours)."""
    value: timedelta = _setting("UNDO_MAX_AGE", timedelta(hours=24))
    return value


def never_dormant_group() -> str:
    """`USERS_NEVER_DORMANT_GROUP`: the group whose members never count as dormant (`"never-dormant"`)."""
    return str(_setting("NEVER_DORMANT_GROUP", "never-dormant"))


def protected_group() -> str:
    """
    `USERS_PROTECTED_GROUP`: a group that is protected like superusers; by default none.

    At least one member stays active, and only members and superusers may move its members.
    """
    return str(_setting("PROTECTED_GROUP", ""))


def site_url() -> str:
    """
    `USERS_SITE_URL`: the beginning of links in emails, without a path; it has no default.

    For example `"https://accounts.example.com"`.
    """
    return str(_setting("SITE_URL", "")).rstrip("/")


def mail_delivery() -> str:
    """
    `USERS_MAIL_DELIVERY`: who sends emails after the commit (`"thread"`).

    `"thread"`: a thread of the process, at once and outside the request. `"request"`: the request itself, whose
    response time then reveals whether an email was sent. `"worker"`: only `manage.py send_mails`. In Django's test
    environment the default is `"request"`: a thread would meet the tables that the next test empties.
    """
    return str(_setting("MAIL_DELIVERY", "request" if hasattr(mail, "outbox") else "thread"))


def mail_retries() -> Sequence[timedelta]:
    """
    `USERS_MAIL_RETRIES`: how long to wait after each failure to send an email (1, 5 and 30 minutes, 2 and 8 hours).

    After that it has failed, until an administrator tries again. Empty: no email is tried twice.
    """
    value: Sequence[timedelta] = _setting("MAIL_RETRIES", MAIL_RETRIES)
    return value


def tell_superuser_lockouts() -> bool:
    """`USERS_TELL_SUPERUSER_LOCKOUTS`: whether superusers get an email when failed logins lock one of them (True)."""
    return bool(_setting("TELL_SUPERUSER_LOCKOUTS", default=True))


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


def api_rate() -> str | None:
    """
    `USERS_API_RATE`: how many requests to the API a caller may make, such as `"10/second"` (`"600/minute"`).

    None: no limit.
    """
    value: str | None = _setting("API_RATE", "600/minute")
    return value


def api_idempotency_lifetime() -> timedelta:
    """`USERS_API_IDEMPOTENCY_LIFETIME`: how long the answer to an `Idempotency-Key` is kept (24 hours)."""
    value: timedelta = _setting("API_IDEMPOTENCY_LIFETIME", timedelta(hours=24))
    return value


def scim_activation() -> str:
    """
    `USERS_SCIM_ACTIVATION`: how an identity provider opens an account that was never open (`"reactivate"`).

    `"reactivate"`: at once, for people who log in by single sign-on. `"invite"`: by an invitation that the person
    accepts. A deactivated account is reactivated in both cases; with `"invite"`, a person who has no password gets an
    email with a link to choose one.
    """
    return str(_setting("SCIM_ACTIVATION", "reactivate"))


def scim_delete() -> str:
    """`USERS_SCIM_DELETE`: what DELETE by SCIM does to an account, `"deactivate"` (the default) or `"delete"`."""
    return str(_setting("SCIM_DELETE", "deactivate"))
