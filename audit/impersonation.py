"""Finds the impersonator of a user: by default from django-hijack's session, otherwise from `AUDIT_IMPERSONATOR`."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.module_loading import import_string

from audit.conf import conf

_NOT_ASKED = object()


def of(request: HttpRequest, user: AbstractBaseUser) -> AbstractBaseUser | None:
    """Return the impersonator of `user` in this request, or None. Looked up once per request."""
    logged_in = getattr(request, "user", None)
    if logged_in is None or logged_in.pk != user.pk:
        return None
    known = getattr(request, "audit_impersonator", _NOT_ASKED)
    if known is _NOT_ASKED:
        known = import_string(conf.impersonator)(request)
        request.audit_impersonator = known  # type: ignore[attr-defined]
    impersonator: AbstractBaseUser | None = known  # type: ignore[assignment]
    return impersonator


def by_django_hijack(request: HttpRequest) -> AbstractBaseUser | None:
    """Return the user who hijacked the session, from the history that django-hijack keeps in it (the first one)."""
    if not apps.is_installed("hijack") or not hasattr(request, "session"):
        return None
    history: list[Any] = request.session.get("hijack_history") or []
    if not history:
        return None
    found: AbstractBaseUser | None = get_user_model()._base_manager.filter(pk=history[0]).first()
    return found
