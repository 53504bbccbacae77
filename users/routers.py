"""Database routers. Rows that decide about logins and accounts are read from the database to which they are written."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, router

LABELS = frozenset({"user_lifecycle", "user_audit", "django_fsm_log", "sessions", "auth", "contenttypes"})
"""The apps whose models decide about logins and accounts: states, the audit trail, sessions, permissions."""


UNSEEN = frozenset({"user_lifecycle", "user_audit", "django_fsm_log"})
"""The apps whose rows are written by SQL of ours, without a signal of a saved instance. So are users."""


def is_written_unseen(model: type[models.Model]) -> bool:
    """Whether rows of this model change without a signal, so that caches of other packages do not notice."""
    return model._meta.app_label in UNSEEN or model._meta.label_lower == settings.AUTH_USER_MODEL.lower()


def decides(model: type[models.Model]) -> bool:
    """Whether rows of this model decide about logins or accounts. Those of the user model do."""
    return model._meta.app_label in LABELS or model._meta.label_lower == settings.AUTH_USER_MODEL.lower()


def deciding_models() -> list[type[models.Model]]:
    """Return all models whose rows decide, if they are installed."""
    return [model for model in apps.get_models() if decides(model)]


class StateOnPrimary:
    """
    Reads the state of accounts, users, sessions and permissions from the database that they are written to.

    A replica is behind. If these were read from a replica, the session of a locked person would go on, and the next
    page would log out a person who has just logged in. So this router comes first in `DATABASE_ROUTERS`, before any
    router that reads from replicas. The other routers decide where rows are written.
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        """Return the database that rows of this model are written to, if they decide."""
        return router.db_for_write(model, **hints) if decides(model) else None
