"""System checks: what would leave the record without its context or its place is said at start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import router
from django.utils.module_loading import import_string
from django_fsm_log.models import StateLog

from audit.middleware import RequestContextMiddleware
from audit.models import UserStateAudit
from audit.statelog import UnitOfWorkBackend
from users.models import UserFSM

Configs = Sequence[AppConfig] | None


def check_middleware_keeps_the_request(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.W001`: without the middleware, what people do is recorded as `CLI`."""
    middleware = [import_string(path) for path in settings.MIDDLEWARE]
    if any(isinstance(each, type) and issubclass(each, RequestContextMiddleware) for each in middleware):
        return []
    hint = "Put 'audit.middleware.RequestContextMiddleware' near the top of MIDDLEWARE."
    return [checks.Warning("No middleware keeps the request for the record", hint=hint, id="audit.W001")]


def check_state_and_record_share_a_database(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.E001`: state and record are written in one transaction, so they live in one database."""
    if router.db_for_write(UserStateAudit) == router.db_for_write(UserFSM) == router.db_for_write(StateLog):
        return []
    hint = "Route the apps users, audit and django_fsm_log to the same database."
    return [Error("Accounts and their record are on different databases", hint=hint, id="audit.E001")]


def check_state_log_is_written_with_the_state(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`audit.E002`: django-fsm-log's own backends write before the state is saved, and by themselves."""
    if issubclass(import_string(settings.DJANGO_FSM_LOG_STORAGE_METHOD), UnitOfWorkBackend):
        return []
    hint = "Set DJANGO_FSM_LOG_STORAGE_METHOD = 'audit.statelog.UnitOfWorkBackend'."
    return [Error("StateLog rows are not written with the state", hint=hint, id="audit.E002")]


ALL = (
    check_middleware_keeps_the_request,
    check_state_and_record_share_a_database,
    check_state_log_is_written_with_the_state,
)
