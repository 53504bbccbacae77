"""
The settings of this app: `conf.site_url`, for example.

All defaults are here. Nothing is written into `django.conf.settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.core import mail
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from users.states import State

T = TypeVar("T")

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
    "djangosaml2.backends.Saml2Backend",
    "mozilla_django_oidc.auth.OIDCAuthenticationBackend",
)


class IsActiveWrites(StrEnum):
    """The effect of an assignment to `is_active` when the user is saved."""

    TRANSITION = "transition"
    """It is carried out: False deactivates, True activates, unlocks or reactivates."""

    REFUSE = "refuse"
    """`save()` raises `IsActiveNotWritable`."""

    IGNORE = "ignore"
    """Nothing, and the instance shows again what was loaded."""


class AppSettings:
    """
    Settings that are read from Django's settings when they are first used, and kept until those change.

    Each is a `cached_property`: an attribute from the second use on. Django announces changes, which only tests make,
    by `setting_changed`.
    """

    prefix: ClassVar[str]

    def __init__(self) -> None:
        setting_changed.connect(self._forget)

    def _forget(self, **kwargs: Any) -> None:
        self.__dict__.clear()

    def _read(self, name: str, default: T) -> T:
        value: T = getattr(settings, f"{self.prefix}_{name}", default)
        return value


class UsersSettings(AppSettings):
    """The settings that begin with `USERS_`."""

    prefix = "USERS"

    def _lockout(self, name: str) -> Any:
        values = LOCKOUT_DEFAULTS | LOCKOUT_PRESETS[self.lockout_preset]
        return self._read(f"LOCKOUT_{name}", values[name])

    @cached_property
    def initial_state(self) -> State:
        """`USERS_INITIAL_STATE`: the state in which new users start, `"invited"` (the default) or `"active"`."""
        return State(self._read("INITIAL_STATE", State.INVITED))

    @cached_property
    def is_active_writes(self) -> IsActiveWrites:
        """
        `USERS_IS_ACTIVE_WRITES`: what `user.is_active = …; user.save()` does, by default a `"transition"`.

        `"refuse"`: it raises `users.exceptions.IsActiveNotWritable`. `"ignore"`: it does nothing.
        """
        return IsActiveWrites(self._read("IS_ACTIVE_WRITES", IsActiveWrites.TRANSITION))

    @cached_property
    def bulk_batch_size(self) -> int:
        """`USERS_BULK_BATCH_SIZE`: the number of accounts in one transaction of a bulk transition (1000)."""
        return int(self._read("BULK_BATCH_SIZE", 1000))

    @cached_property
    def pipeline(self) -> bool:
        """
        `USERS_PIPELINE`: whether BEGIN and COMMIT of a transition travel with its statements on PostgreSQL (True).

        A transition then waits twice for the database instead of four times. False: for a pooler that cannot do it.
        """
        return bool(self._read("PIPELINE", default=True))

    @cached_property
    def trusted_proxies(self) -> int | list[str]:
        """
        `USERS_TRUSTED_PROXIES`: the proxies whose X-Forwarded-For is believed; by default none.

        Either the number of proxies in front of the site (0), or a list of their networks (`["10.0.0.0/8"]`).
        """
        return self._read("TRUSTED_PROXIES", 0)

    @cached_property
    def lockout_preset(self) -> str | None:
        """
        `USERS_LOCKOUT_PRESET`: a standard that provides the lockout settings that are not set; by default none.

        `"pci"`: PCI DSS 4.0.1, 8.3.4: at most 10 attempts, then 30 minutes or until the person's identity is confirmed.
        `"nist"`: NIST SP 800-63B, 5.2.2: at most 100 consecutive failures, and waiting times of up to an hour.
        """
        return self._read("LOCKOUT_PRESET", None)

    @cached_property
    def lockout_failure_limit(self) -> int:
        """`USERS_LOCKOUT_FAILURE_LIMIT`: the number of wrong passwords that lock an account (5)."""
        return int(self._lockout("FAILURE_LIMIT"))

    @cached_property
    def lockout_window(self) -> timedelta | None:
        """
        `USERS_LOCKOUT_WINDOW`: the time without a wrong password after which the count restarts (15 minutes).

        None: only a right password restarts it.
        """
        value: timedelta | None = self._lockout("WINDOW")
        return value

    @cached_property
    def lockout_duration(self) -> timedelta:
        """`USERS_LOCKOUT_DURATION`: how long an automatic lock lasts (30 minutes)."""
        value: timedelta = self._lockout("DURATION")
        return value

    @cached_property
    def lockout_escalation(self) -> Sequence[timedelta]:
        """
        `USERS_LOCKOUT_ESCALATION`: how long further automatic locks within a day last (1, 4 and 12 hours).

        The first value is for the second lock, and so on; the last is for all that follow. Empty: all last equally
        long.
        """
        value: Sequence[timedelta] = self._lockout("ESCALATION")
        return value

    @cached_property
    def lockout_address_limit(self) -> int | None:
        """
        `USERS_LOCKOUT_ADDRESS_LIMIT`: the number of failed logins after which an address has to wait (50).

        They are counted within `USERS_LOCKOUT_ADDRESS_WINDOW`. None: no limit.
        """
        return self._read("LOCKOUT_ADDRESS_LIMIT", 50)

    @cached_property
    def lockout_address_window(self) -> timedelta:
        """`USERS_LOCKOUT_ADDRESS_WINDOW`: how long a failed login counts against its address (15 minutes)."""
        return self._read("LOCKOUT_ADDRESS_WINDOW", timedelta(minutes=15))

    @cached_property
    def lockout_trusted_networks(self) -> Sequence[str]:
        """
        `USERS_LOCKOUT_TRUSTED_NETWORKS`: networks whose addresses are exempt from that limit; by default none.

        A list such as `["10.0.0.0/8"]`.
        """
        return self._read("LOCKOUT_TRUSTED_NETWORKS", [])

    @cached_property
    def login_urls(self) -> Sequence[str]:
        """
        `USERS_LOGIN_URLS`: the names of the URLs that take passwords (`["user_lifecycle:login", "admin:login",
        "login"]`).

        There, an address over its limit is refused before the password is checked. A URL without a name is named by its
        path (`"api/token/"`).
        """
        return self._read("LOGIN_URLS", DEFAULT_LOGIN_URLS)

    @cached_property
    def login_fields(self) -> Sequence[str]:
        """
        `USERS_LOGIN_FIELDS`: the fields of the user model with which people log in; by default the username field.

        With `["username", "email"]`, either works. The first field that matches exactly one account decides.
        """
        return self._read("LOGIN_FIELDS", [])

    @cached_property
    def backends_without_passwords(self) -> Sequence[str]:
        """
        `USERS_BACKENDS_WITHOUT_PASSWORDS`: authentication backends without passwords, which `users.E021` ignores.

        Paths as in `AUTHENTICATION_BACKENDS`; what inherits its `authenticate()` from one of them is ignored too. The
        default lists backends of well-known packages.
        """
        return self._read("BACKENDS_WITHOUT_PASSWORDS", DEFAULT_BACKENDS_WITHOUT_PASSWORDS)

    @cached_property
    def device_cookie(self) -> str:
        """`USERS_DEVICE_COOKIE`: the name of the cookie of known devices (`"known_device"`)."""
        return str(self._read("DEVICE_COOKIE", "known_device"))

    @cached_property
    def device_lifetime(self) -> timedelta:
        """`USERS_DEVICE_LIFETIME`: how long a browser stays a known device after a login (180 days)."""
        return self._read("DEVICE_LIFETIME", timedelta(days=180))

    @cached_property
    def reset_mail_limit(self) -> int:
        """`USERS_RESET_MAIL_LIMIT`: the number of links that an account gets by email on request within an hour (3)."""
        return int(self._read("RESET_MAIL_LIMIT", 3))

    @cached_property
    def reset_address_limit(self) -> int:
        """`USERS_RESET_ADDRESS_LIMIT`: the number of links that one address may request within an hour (20)."""
        return int(self._read("RESET_ADDRESS_LIMIT", 20))

    @cached_property
    def unlock_link_lifetime(self) -> timedelta:
        """`USERS_UNLOCK_LINK_LIFETIME`: how long the link in the email about a lock is valid (24 hours)."""
        return self._read("UNLOCK_LINK_LIFETIME", timedelta(hours=24))

    @cached_property
    def invitation_max_age(self) -> timedelta:
        """`USERS_INVITATION_MAX_AGE`: how long an invitation link is valid (7 days)."""
        return self._read("INVITATION_MAX_AGE", timedelta(days=7))

    @cached_property
    def dormant_after(self) -> timedelta:
        """`USERS_DORMANT_AFTER`: the time without a login after which an account is deactivated (90 days)."""
        return self._read("DORMANT_AFTER", timedelta(days=90))

    @cached_property
    def dormant_warning(self) -> timedelta:
        """`USERS_DORMANT_WARNING`: how long before the deactivation the person is warned (14 days)."""
        return self._read("DORMANT_WARNING", timedelta(days=14))

    @cached_property
    def undo_max_age(self) -> timedelta:
        """`USERS_UNDO_MAX_AGE`: how long after an operation the admin offers to undo it (24 hours)."""
        return self._read("UNDO_MAX_AGE", timedelta(hours=24))

    @cached_property
    def never_dormant_group(self) -> str:
        """`USERS_NEVER_DORMANT_GROUP`: the group whose members never count as dormant (`"never-dormant"`)."""
        return str(self._read("NEVER_DORMANT_GROUP", "never-dormant"))

    @cached_property
    def protected_group(self) -> str:
        """
        `USERS_PROTECTED_GROUP`: a group that is protected like superusers; by default none.

        At least one member stays active, and only members and superusers may move its members or choose them.
        """
        return str(self._read("PROTECTED_GROUP", ""))

    @cached_property
    def site_url(self) -> str:
        """
        `USERS_SITE_URL`: the beginning of links in emails; it has no default.

        For example `"https://accounts.example.com"`. A site below a path, which Django's `FORCE_SCRIPT_NAME` does not
        say, needs that path: `"https://example.com/accounts"`.
        """
        return str(self._read("SITE_URL", "")).rstrip("/")

    @property  # without a cache: Django does not announce its test environment
    def mail_delivery(self) -> str:
        """
        `USERS_MAIL_DELIVERY`: who sends emails after the commit (`"thread"`).

        `"thread"`: a thread of the process, at once and outside the request. `"request"`: the request itself, whose
        response time then reveals whether an email was sent. `"worker"`: only `manage.py send_mails`. In Django's test
        environment the default is `"request"`: a thread would meet the tables that the next test empties.
        """
        return str(self._read("MAIL_DELIVERY", "request" if hasattr(mail, "outbox") else "thread"))

    @cached_property
    def mail_retries(self) -> Sequence[timedelta]:
        """
        `USERS_MAIL_RETRIES`: how long to wait after each failure to send an email (1, 5 and 30 minutes, 2 and 8 hours).

        After that it has failed, until an administrator tries again. Empty: no email is tried twice.
        """
        return self._read("MAIL_RETRIES", MAIL_RETRIES)

    @cached_property
    def tell_superuser_lockouts(self) -> bool:
        """`USERS_TELL_SUPERUSER_LOCKOUTS`: whether superusers get an email if failed logins lock one of them (True)."""
        return bool(self._read("TELL_SUPERUSER_LOCKOUTS", default=True))

    @cached_property
    def language_of(self) -> Callable[[Any], str]:
        """
        `USERS_LANGUAGE_OF`: a function that returns the language of a user (`"users.mail.language.last_used"`).

        The function, or its dotted path. By default the language that the person used last.
        """
        value: Callable[[Any], str] | str = self._read("LANGUAGE_OF", "users.mail.language.last_used")
        found: Callable[[Any], str] = import_string(value) if isinstance(value, str) else value
        return found

    @cached_property
    def shared_mailboxes(self) -> bool:
        """`USERS_SHARED_MAILBOXES`: whether two accounts may have the same email address (False)."""
        return bool(self._read("SHARED_MAILBOXES", default=False))

    @cached_property
    def api_rate(self) -> str | None:
        """
        `USERS_API_RATE`: how many requests to the API a caller may make, such as `"10/second"` (`"600/minute"`).

        None: no limit.
        """
        return self._read("API_RATE", "600/minute")

    @cached_property
    def api_idempotency_lifetime(self) -> timedelta:
        """`USERS_API_IDEMPOTENCY_LIFETIME`: how long the answer to an `Idempotency-Key` is kept (24 hours)."""
        return self._read("API_IDEMPOTENCY_LIFETIME", timedelta(hours=24))

    @cached_property
    def scim_activation(self) -> str:
        """
        `USERS_SCIM_ACTIVATION`: how an identity provider opens an account that was never open (`"reactivate"`).

        `"reactivate"`: at once, for people who log in by single sign-on. `"invite"`: by an invitation that the person
        accepts. A deactivated account is reactivated in both cases; with `"invite"`, a person who has no password gets
        an email with a link to choose one.
        """
        return str(self._read("SCIM_ACTIVATION", "reactivate"))

    @cached_property
    def scim_delete(self) -> str:
        """`USERS_SCIM_DELETE`: what DELETE by SCIM does to an account, `"deactivate"` (the default) or `"delete"`."""
        return str(self._read("SCIM_DELETE", "deactivate"))


conf = UsersSettings()
