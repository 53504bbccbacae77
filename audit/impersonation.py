"""Who acts in another user's name: django-hijack's session by default, `AUDIT_IMPERSONATOR` for others."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.module_loading import import_string

from audit import conf

_NOT_ASKED = object()


def of(request: HttpRequest, user: AbstractBaseUser) -> AbstractBaseUser | None:
    """The user who acts as `user` in this request, or None where they act themselves; asked once for each request."""
    logged_in = getattr(request, "user", None)
    if logged_in is None or logged_in.pk != user.pk:
        return None
    known = getattr(request, "audit_impersonator", _NOT_ASKED)
    if known is _NOT_ASKED:
        known = import_string(conf.impersonator())(request)
        request.audit_impersonator = known  # type: ignore[attr-defined]
    impersonator: AbstractBaseUser | None = known  # type: ignore[assignment]
    return impersonator


def by_django_hijack(request: HttpRequest) -> AbstractBaseUser | None:
    """The user who hijacked the session, by the history that django-hijack keeps in it; the first of several."""
    if not apps.is_installed("hijack") or not hasattr(request, "session"):
        return None
    history: list[Any] = request.session.get("hijack_history") or []
    if not history:
        return None
    found: AbstractBaseUser | None = get_user_model()._base_manager.filter(pk=history[0]).first()
    return found
