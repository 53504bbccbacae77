"""System checks: what makes no sense is said at start, each with an id and a hint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist
from django.db import connections
from django.utils.module_loading import import_string

from users import conf
from users.checks.values import Configs, is_count, is_duration, is_network
from users.states import State

DURATIONS = (
    "LOCKOUT_WINDOW",
    "LOCKOUT_DURATION",
    "LOCKOUT_ADDRESS_WINDOW",
    "UNLOCK_LINK_LIFETIME",
    "INVITATION_MAX_AGE",
    "DORMANT_AFTER",
    "DORMANT_WARNING",
)


def check_user_model_has_is_active(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E001`: the user model stores `is_active`, which the lifecycle derives, in a table with the user's key."""
    user = get_user_model()._meta
    try:
        table = user.get_field("is_active").model
    except FieldDoesNotExist:
        message = f"{settings.AUTH_USER_MODEL} has no field is_active"
        return [Error(message, hint="Give the user model a BooleanField is_active.", id="users.E001")]
    if all(step.join_field.primary_key for step in user.get_path_to_parent(table)):
        return []
    message = f"{settings.AUTH_USER_MODEL} inherits is_active from {table._meta.label}, whose key is another"
    return [Error(message, hint="Make the link to that model the user model's key.", id="users.E001")]


def check_initial_state(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E002`: new users start as invited or active."""
    value = getattr(settings, "USERS_INITIAL_STATE", State.INVITED)
    if value in (State.INVITED, State.ACTIVE):
        return []
    return [Error(f"USERS_INITIAL_STATE is {value!r}", hint="Use 'invited' or 'active'.", id="users.E002")]


def check_counts(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E003`: the settings that count something are whole numbers from 1; the limit for addresses can be None."""
    return [
        Error(f"USERS_{name} is {value!r}", hint="Use a whole number of at least 1.", id="users.E003")
        for name in ("LOCKOUT_FAILURE_LIMIT", "LOCKOUT_ADDRESS_LIMIT", "BULK_BATCH_SIZE")
        if not is_count(value := getattr(settings, f"USERS_{name}", 1))
        and (name, value) != ("LOCKOUT_ADDRESS_LIMIT", None)
    ]


def check_durations(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E004`: the settings that are lengths of time are positive timedeltas; the window can be None."""
    return [
        Error(f"USERS_{name} is {value!r}", hint="Use a positive datetime.timedelta.", id="users.E004")
        for name in DURATIONS
        if not is_duration(value := getattr(settings, f"USERS_{name}", timedelta(1)))
        and (name, value) != ("LOCKOUT_WINDOW", None)
    ]


def check_trusted_proxies(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E005`: trusted proxies are a number or a list of networks."""
    value = conf.trusted_proxies()
    if (is_count(value) or value == 0) and value is not False:
        return []
    if isinstance(value, (list, tuple)) and all(is_network(each) for each in value):
        return []
    hint = "Use how many proxies stand in front, or a list of their networks such as ['10.0.0.0/8']."
    return [Error(f"USERS_TRUSTED_PROXIES is {value!r}", hint=hint, id="users.E005")]


def check_backends_ask_the_state(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W001`: without one of our backends, nobody asks the state at login."""
    from users.backends import StateBackend

    if any(issubclass(import_string(path), StateBackend) for path in settings.AUTHENTICATION_BACKENDS):
        return []
    hint = "Use 'users.backends.StateBackend' in AUTHENTICATION_BACKENDS, or a subclass of it."
    return [checks.Warning("No authentication backend asks the account's state", hint=hint, id="users.W001")]


def check_sessions_can_be_ended(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E010`: without our middleware a session outlives the lock of its account once that is lifted."""
    from users.middleware import LoginSessionMiddleware

    middleware = [import_string(path) for path in settings.MIDDLEWARE]
    if any(isinstance(each, type) and issubclass(each, LoginSessionMiddleware) for each in middleware):
        return []
    hint = "Put 'users.middleware.LoginSessionMiddleware' in MIDDLEWARE, in the place of AuthenticationMiddleware."
    return [Error("Nothing ends the sessions of accounts that were shut", hint=hint, id="users.E010")]


def check_sqlite_takes_the_write_lock_first(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W002`: SQLite has no row locks; a transaction that reads first and writes then fails in a race."""
    hint = "Set OPTIONS = {'transaction_mode': 'IMMEDIATE'} on that database."
    return [
        checks.Warning(
            f"Transactions on the SQLite database {alias!r} take no write lock at BEGIN", hint=hint, id="users.W002"
        )
        for alias in connections
        if connections[alias].vendor == "sqlite"
        and str(connections[alias].settings_dict["OPTIONS"].get("transaction_mode")).upper()
        not in ("IMMEDIATE", "EXCLUSIVE")
    ]


def check_site_url(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E006`: links in mails lead somewhere."""
    if _is_site(conf.site_url()):
        return []
    hint = "Use the address of the site without a path, such as 'https://accounts.example.com'."
    return [Error(f"USERS_SITE_URL is {conf.site_url()!r}", hint=hint, id="users.E006")]


def check_dormancy_warns_before(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E009`: people are told of their dormant account before it is deactivated."""
    after, warn = conf.dormant_after(), conf.dormant_warning()
    if not (is_duration(after) and is_duration(warn)) or warn < after:
        return []  # or users.E004 says so
    message = f"USERS_DORMANT_WARNING ({warn}) is not shorter than USERS_DORMANT_AFTER ({after})"
    return [Error(message, hint="Warn some days before the account is deactivated.", id="users.E009")]


def _is_site(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or "*"  # which ALLOWED_HOSTS may have, and no link can lead to
    return parts.scheme in ("http", "https") and host != "*" and not parts.path


ALL = (
    check_user_model_has_is_active,
    check_initial_state,
    check_counts,
    check_durations,
    check_trusted_proxies,
    check_backends_ask_the_state,
    check_sessions_can_be_ended,
    check_sqlite_takes_the_write_lock_first,
    check_site_url,
    check_dormancy_warns_before,
)
