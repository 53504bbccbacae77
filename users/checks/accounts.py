"""System checks of accounts, sessions and emails."""

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

from users.checks.values import Configs, is_count, is_duration, is_network, position_of
from users.conf import IsActiveWrites, conf
from users.rows.user_model import NEEDED_FOR, has_field
from users.states import INITIAL_STATES, State

COUNTS = (
    "LOCKOUT_FAILURE_LIMIT",
    "LOCKOUT_ADDRESS_LIMIT",
    "BULK_BATCH_SIZE",
    "RESET_MAIL_LIMIT",
    "RESET_ADDRESS_LIMIT",
)
DURATIONS = (
    "LOCKOUT_WINDOW",
    "LOCKOUT_DURATION",
    "LOCKOUT_ADDRESS_WINDOW",
    "UNLOCK_LINK_LIFETIME",
    "DEVICE_LIFETIME",
    "INVITATION_MAX_AGE",
    "UNDO_MAX_AGE",
    "DORMANT_AFTER",
    "DORMANT_WARNING",
)
SWITCHES = ("PIPELINE", "SHARED_MAILBOXES", "TELL_SUPERUSER_LOCKOUTS")


def check_user_model_has_is_active(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E001`: the user model must store `is_active`, a Boolean, in a table that has the user's key."""
    user = get_user_model()._meta
    hint = "Give the user model a BooleanField is_active."
    try:
        field: Any = user.get_field("is_active")
    except FieldDoesNotExist:
        return [Error(f"{settings.AUTH_USER_MODEL} has no field is_active", hint=hint, id="users.E001")]
    if field.generated or field.get_internal_type() != "BooleanField":
        message = f"The field is_active of {settings.AUTH_USER_MODEL} is a {type(field).__name__}"
        return [Error(message, hint=hint, id="users.E001")]
    table = field.model
    if all(step.join_field.primary_key for step in user.get_path_to_parent(table)):
        return []
    message = f"{settings.AUTH_USER_MODEL} inherits is_active from {table._meta.label}, which has another key"
    return [Error(message, hint="Make the link to that model the user model's key.", id="users.E001")]


def check_names_are_no_relation(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W028`: names should be values of the user model's own: of a relation, the audit trail has only the key."""
    user_model = get_user_model()
    name = getattr(user_model, "USERNAME_FIELD", None)
    if not any(field.name == name and field.is_relation for field in user_model._meta.get_fields()):
        return []
    message = f"{settings.AUTH_USER_MODEL} names people by a relation, {name!r}"
    hint = "Give the user model a name of its own: of this one, the audit trail and the pages have the key."
    return [checks.Warning(message, hint=hint, id="users.W028")]


def check_initial_state(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E002`: `USERS_INITIAL_STATE` must be invited or active."""
    value = getattr(settings, "USERS_INITIAL_STATE", State.INVITED)
    if value in INITIAL_STATES:
        return []
    return [
        Error(
            f"USERS_INITIAL_STATE is {value!r}", hint=f"Use one of these: {', '.join(INITIAL_STATES)}.", id="users.E002"
        )
    ]


def check_is_active_writes(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E048`: `USERS_IS_ACTIVE_WRITES` must be one of its three values."""
    value = getattr(settings, "USERS_IS_ACTIVE_WRITES", IsActiveWrites.TRANSITION)
    if value in tuple(IsActiveWrites):
        return []
    hint = "Use 'transition', 'refuse' or 'ignore'."
    return [Error(f"USERS_IS_ACTIVE_WRITES is {value!r}", hint=hint, id="users.E048")]


def check_switches(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E049`: switches must be True or False; a text such as "off" would be taken for True."""
    return [
        Error(f"USERS_{name} is {value!r}", hint="Use True or False.", id="users.E049")
        for name in SWITCHES
        if not isinstance(value := getattr(settings, f"USERS_{name}", True), bool)
    ]


def check_counts(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E003`: numbers must be whole and at least 1. The limit for addresses can be None."""
    return [
        Error(f"USERS_{name} is {value!r}", hint="Use a whole number of at least 1.", id="users.E003")
        for name in COUNTS
        if not is_count(value := getattr(settings, f"USERS_{name}", 1))
        and (name, value) != ("LOCKOUT_ADDRESS_LIMIT", None)
    ]


def check_durations(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E004`: periods must be positive timedeltas. The lockout window can be None."""
    return [
        Error(f"USERS_{name} is {value!r}", hint="Use a positive datetime.timedelta.", id="users.E004")
        for name in DURATIONS
        if not is_duration(value := getattr(settings, f"USERS_{name}", timedelta(1)))
        and (name, value) != ("LOCKOUT_WINDOW", None)
    ]


def check_trusted_proxies(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E005`: trusted proxies must be a number or a list of networks."""
    value = conf.trusted_proxies
    if (is_count(value) or value == 0) and value is not False:
        return []
    if isinstance(value, (list, tuple)) and all(is_network(each) for each in value):
        return []
    hint = "Use the number of proxies in front of the site, or a list of their networks such as ['10.0.0.0/8']."
    return [Error(f"USERS_TRUSTED_PROXIES is {value!r}", hint=hint, id="users.E005")]


def check_sessions_can_be_ended(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E010`: without `LoginSessionMiddleware`, a session survives the lock of its account."""
    from users.middleware import LoginSessionMiddleware

    if position_of(LoginSessionMiddleware) is not None:
        return []
    hint = "Put 'users.middleware.LoginSessionMiddleware' in MIDDLEWARE, in place of AuthenticationMiddleware."
    return [Error("Nothing ends the sessions of accounts that leave the state active", hint=hint, id="users.E010")]


def check_sqlite_takes_the_write_lock_first(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W002`: SQLite has no row locks. A transaction that reads first and writes later fails in a race."""
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
    """`users.E006`: `USERS_SITE_URL` must be the address of a site, because links in emails begin with it."""
    if _is_site(conf.site_url):
        return []
    hint = "Use the URL of the site, such as 'https://accounts.example.com', with the path below which it is mounted."
    return [Error(f"USERS_SITE_URL is {conf.site_url!r}", hint=hint, id="users.E006")]


def check_dormancy_warns_before(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E009`: the warning about a dormant account must come before the deactivation."""
    after, warn = conf.dormant_after, conf.dormant_warning
    if not (is_duration(after) and is_duration(warn)) or warn < after:
        return []  # users.E004 reports wrong values
    message = f"USERS_DORMANT_WARNING ({warn}) is not shorter than USERS_DORMANT_AFTER ({after})"
    return [Error(message, hint="Warn some days before the account is deactivated.", id="users.E009")]


def _is_site(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or "*"  # ALLOWED_HOSTS may contain it, but no link can lead there
    return parts.scheme in ("http", "https") and host != "*" and not (parts.query or parts.fragment)


def check_what_the_user_model_lacks(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.I001`: some features are off because the user model has no field for them."""
    return [
        checks.Info(
            f"{settings.AUTH_USER_MODEL} has no field {name!r}, which switches off {what}",
            hint="Add the field if you want that; otherwise there is nothing to do.",
            id="users.I001",
        )
        for name, what in NEEDED_FOR.items()
        if not has_field(name)
    ]


ALL = (
    check_what_the_user_model_lacks,
    check_user_model_has_is_active,
    check_names_are_no_relation,
    check_initial_state,
    check_is_active_writes,
    check_switches,
    check_counts,
    check_durations,
    check_trusted_proxies,
    check_sessions_can_be_ended,
    check_sqlite_takes_the_write_lock_first,
    check_site_url,
    check_dormancy_warns_before,
)
