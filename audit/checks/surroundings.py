"""System checks of the record's needs: middleware, database, keys, triggers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import checks, mail
from django.core.checks import CheckMessage, Error
from django.db import router
from django.utils.module_loading import import_string
from django_fsm_log.models import StateLog

from audit import tables, triggers
from audit.conf import conf
from audit.installation import carrying_over
from audit.middleware import RequestContextMiddleware
from audit.models import UserStateAudit
from audit.statelog import UnitOfWorkBackend
from users.checks.values import Configs, position_of
from users.models import UserFSM

SHORTEST_KEY = 32
"""In characters. Random ones of 6 bits each make 192 bits."""


def check_middleware_keeps_the_request(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.W001`: without `RequestContextMiddleware`, the record says `CLI` for everything that people do."""
    if position_of(RequestContextMiddleware) is not None:
        return []
    hint = "Put 'audit.middleware.RequestContextMiddleware' near the top of MIDDLEWARE."
    return [checks.Warning("No middleware provides the request for the record", hint=hint, id="audit.W001")]


def check_state_and_record_share_a_database(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.E001`: states and records must be in one database, because one transaction writes both."""
    if router.db_for_write(UserStateAudit) == router.db_for_write(UserFSM) == router.db_for_write(StateLog):
        return []
    hint = "Route the apps user_lifecycle, user_audit and django_fsm_log to the same database."
    return [Error("Accounts and their records are in different databases", hint=hint, id="audit.E001")]


def check_state_log_is_written_with_the_state(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.E002`: `StateLog` rows must be written with the state, which needs our storage backend."""
    if issubclass(import_string(settings.DJANGO_FSM_LOG_STORAGE_METHOD), UnitOfWorkBackend):
        return []
    hint = "Set DJANGO_FSM_LOG_STORAGE_METHOD = 'audit.statelog.UnitOfWorkBackend'."
    return [Error("StateLog rows are not written with the state", hint=hint, id="audit.E002")]


def check_signing_keys(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.E010`, `audit.W010`: signing keys must be a list of secrets, none of them short enough to be guessed."""
    given = getattr(settings, "AUDIT_SIGNING_KEYS", None)
    hint = "Use a list of secret texts, newest first, or remove the setting to sign with SECRET_KEY."
    if given is not None and (not isinstance(given, (list, tuple)) or not given):
        return [Error("AUDIT_SIGNING_KEYS is not a list of secrets", hint=hint, id="audit.E010")]
    keys: tuple[Any, ...] = conf.signing_keys
    if any(not isinstance(key, str) or not key for key in keys):
        return [Error("One of AUDIT_SIGNING_KEYS is empty or not a text", hint=hint, id="audit.E010")]
    if all(len(key) >= SHORTEST_KEY for key in keys):
        return []
    hint = f"Use at least {SHORTEST_KEY} random characters, for example from secrets.token_urlsafe(32)."
    return [checks.Warning("A signing key is short enough to be guessed", hint=hint, id="audit.W010")]


def check_retention_minimum(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.E011`: `AUDIT_RETENTION_MINIMUM` must be a positive timedelta."""
    value: Any = conf.retention_minimum
    if isinstance(value, timedelta) and value > timedelta():
        return []
    hint = "Use a positive datetime.timedelta."
    return [Error(f"AUDIT_RETENTION_MINIMUM is {value!r}", hint=hint, id="audit.E011")]


def check_records_are_kept(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.W002`: `AUDIT_RECORDS_DELETABLE` is only for test suites."""
    in_tests = hasattr(mail, "outbox")  # as Django's `setup_test_environment` leaves it
    if in_tests or not conf.records_deletable:
        return []
    hint = "Remove AUDIT_RECORDS_DELETABLE. To delete records, use audit.maintenance.declared."
    return [checks.Warning("Anybody can delete records of changes of state", hint=hint, id="audit.W002")]


def check_labels_are_those_of_today(
    app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`audit.E020`: tables with the earlier labels must be carried over before `migrate` creates empty ones."""
    return [
        Error(
            f"The tables in the database {using!r} still have the labels users and audit",
            hint=f"Run 'manage.py audit_carry_over --database {using}', then migrate. See docs/upgrading.md.",
            id="audit.E020",
        )
        for using in databases or ()
        if carrying_over.is_needed(using)
    ]


def check_triggers_are_installed(
    app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """
    `audit.W003`, `audit.W004`: the database must have the triggers that enforce the rules.

    These are warnings rather than errors, because `migrate` has to run to repair them.
    """
    messages: list[CheckMessage] = []
    for using in filter(triggers.has_tables, databases or ()):
        if not triggers.supported(using):
            hint = "Use PostgreSQL or SQLite."
            message = f"The database {using!r} is of a vendor without triggers for the rules"
            messages.append(checks.Warning(message, hint=hint, id="audit.W004"))
        elif missing := triggers.missing(using):
            hint = f"Run 'manage.py migrate --database {using}' as the owner of the tables."
            message = f"The database {using!r} has missing or altered triggers: {', '.join(missing)}"
            messages.append(checks.Warning(message, hint=hint, id="audit.W003"))
    return messages


def check_tables_are_as_migrations_make_them(
    app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`audit.W005`: nothing may stand in the place of a table, or change what statements on it do or see."""
    hint = (
        "If migrations are not applied yet, apply them. Otherwise somebody who owns the tables has changed them; see "
        "docs/evidence.md."
    )
    return [
        checks.Warning(
            f"The tables in the database {using!r} are not as migrations make them: {'; '.join(altered)}",
            hint=hint,
            id="audit.W005",
        )
        for using in databases or ()
        if (altered := tables.altered(using))
    ]


ALL = (
    check_middleware_keeps_the_request,
    check_state_and_record_share_a_database,
    check_state_log_is_written_with_the_state,
    check_signing_keys,
    check_retention_minimum,
    check_records_are_kept,
)
