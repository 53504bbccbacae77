"""System checks of packages that cache queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db.models import Model

from users.checks.values import Configs
from users.routers import is_written_unseen

CACHALOT_HINT = "Leave CACHALOT_INVALIDATE_RAW at True, or add the tables to CACHALOT_UNCACHABLE_TABLES."


def check_accounts_are_not_cached(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """
    `users.E052`: no package may cache accounts or their record without seeing what is written.

    States are written by SQL, with no signal of a saved user. From such a cache, a locked person goes on.
    """
    ours = [model for model in apps.get_models() if is_written_unseen(model)]
    messages: list[CheckMessage] = []
    if apps.is_installed("cacheops") and (cached := list(_in_cacheops(ours))):
        hint = "In CACHEOPS, set these to None."
        messages.append(Error(_message("django-cacheops", cached), hint=hint, id="users.E052"))
    if apps.is_installed("cachalot") and (cached := list(_in_cachalot(ours))):
        messages.append(Error(_message("django-cachalot", cached), hint=CACHALOT_HINT, id="users.E052"))
    return messages


def _message(package: str, cached: list[type[Model]]) -> str:
    return f"{package} caches what it does not see change: {', '.join(sorted(set(map(_pattern, cached))))}"


def _pattern(model: type[Model]) -> str:
    user_model = settings.AUTH_USER_MODEL.lower()
    return user_model if model._meta.label_lower == user_model else f"{model._meta.app_label}.*"


def _in_cacheops(models: list[type[Model]]) -> Iterator[type[Model]]:
    """The models of which django-cacheops caches queries of its own accord. It looks for a profile in this order."""
    if not getattr(settings, "CACHEOPS_ENABLED", True):
        return
    profiles = {name.lower(): profile for name, profile in getattr(settings, "CACHEOPS", {}).items()}
    defaults = getattr(settings, "CACHEOPS_DEFAULTS", {})
    for model in models:
        names = (model._meta.label_lower, f"{model._meta.app_label.lower()}.*", "*.*")
        profile = next((profiles[name] for name in names if name in profiles), None)
        if profile is not None and {**defaults, **profile}.get("ops"):
            yield model


def _in_cachalot(models: list[type[Model]]) -> Iterator[type[Model]]:
    """The models of which django-cachalot caches queries without looking at the SQL that changes them."""
    if not getattr(settings, "CACHALOT_ENABLED", True) or getattr(settings, "CACHALOT_INVALIDATE_RAW", True):
        return
    tables, labels = _of_cachalot("UNCACHABLE")
    only_tables, only_labels = _of_cachalot("ONLY_CACHABLE")
    for model in models:
        table, label = model._meta.db_table, model._meta.app_label
        is_named = table in only_tables or label in only_labels
        if (is_named or not (only_tables or only_labels)) and table not in tables and label not in labels:
            yield model


def _of_cachalot(which: str) -> tuple[set[str], set[str]]:
    names = (f"CACHALOT_{which}_TABLES", f"CACHALOT_{which}_APPS")
    tables, labels = (set(getattr(settings, name, ())) for name in names)
    return tables, labels


ALL = (check_accounts_are_not_cached,)
