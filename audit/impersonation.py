"""Finds the impersonator of a user by `AUDIT_IMPERSONATOR`, which by default knows the packages that many use."""

from __future__ import annotations

from typing import cast

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.module_loading import import_string

from audit.conf import conf
from users import sessions

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


def by_known_packages(request: HttpRequest) -> AbstractBaseUser | None:
    """
    Return who acts as the user of this request by django-hijack, django-impersonate, django-loginas or django-su.

    If somebody acts as a person who acts as another one, it is the first of them.
    """
    if apps.is_installed("impersonate") and (impersonator := getattr(request, "impersonator", None)):
        return cast("AbstractBaseUser", impersonator)
    keys = sessions.sitting_in(request)
    if not keys:
        return None
    found: AbstractBaseUser | None = get_user_model()._base_manager.filter(pk=keys[0]).first()
    return found
