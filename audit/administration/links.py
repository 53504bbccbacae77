"""URLs of the admin's pages of people and of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from audit.models import SchedulingNote, UserStateAudit
from users.administration.acting import reporting

NO_KEY = (ValueError, TypeError, OverflowError, ValidationError)
"""The exceptions that Django raises if SQLite has something else in the place of a key or a number."""


def may_be_seen(request: HttpRequest, site: AdminSite) -> bool:
    """Whether this administrator may view the list of users."""
    model = get_user_model()
    return site.is_registered(model) and site.get_model_admin(model).has_view_or_change_permission(request)


def list_url(site: AdminSite, **parameters: Any) -> str:
    """Return the URL of the list of users with these filters."""
    return f"{_reverse(site, get_user_model(), 'changelist')}?{urlencode(parameters)}"


def page_url(site: AdminSite, key: Any) -> str | None:
    """Return the URL of the page of the user with this key, or None if the user no longer exists, or it is no key."""
    try:
        found = get_user_model()._default_manager.filter(pk=key).exists()
    except NO_KEY:
        return None
    return _reverse(site, get_user_model(), "change", key) if found else None


def person_url(site: AdminSite, key: Any) -> str:
    """Return the URL of the page that the user with this key has or had, or an empty text on a site without users."""
    return _page(site, get_user_model(), "change", key)


def changed_url(site: AdminSite, request_id: str) -> str:
    """Return the URL of the list of people whom this request changed, or an empty text on a site without users."""
    model = get_user_model()
    return reporting.changed_url(site.get_model_admin(model), request_id) if site.is_registered(model) else ""


def record_url(site: AdminSite, key: Any) -> str:
    """Return the URL of the page of the record with this key, or an empty text on a site without records."""
    return _page(site, UserStateAudit, "change", key)


def records_url(site: AdminSite, **parameters: Any) -> str:
    """Return the URL of the list of records with these parameters, or an empty text on a site without records."""
    return _list(site, UserStateAudit, parameters)


def neighbours(site: AdminSite, record: UserStateAudit) -> dict[str, str | None]:
    """Return the URLs of the previous and the next record of the same account, None where there is none."""
    others = UserStateAudit.objects.using(record._state.db).order_by("sequence").values_list("pk", flat=True)
    try:
        others = others.filter(user_id=record.user_id)
        previous = others.filter(sequence__lt=record.sequence).last()
        following = others.filter(sequence__gt=record.sequence).first()
    except NO_KEY:
        previous = following = None
    found = {"previous_url": previous, "next_url": following}
    return {name: record_url(site, key) if key else None for name, key in found.items()}


def steps_url(site: AdminSite, key: Any) -> str:
    """Return the URL of the steps of scheduled changes of the user with this key, or an empty text without a page."""
    return _list(site, SchedulingNote, {"user": key})


def _list(site: AdminSite, model: type[Model], parameters: Mapping[str, Any]) -> str:
    url = _page(site, model, "changelist")
    return f"{url}?{urlencode(parameters)}" if url and parameters else url


def _page(site: AdminSite, model: type[Model], page: str, *args: Any) -> str:
    """Return the URL of a page of this model, or an empty text on a site without it."""
    return _reverse(site, model, page, *args) if site.is_registered(model) else ""


def _reverse(site: AdminSite, model: type[Model], page: str, *args: Any) -> str:
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args, current_app=site.name)
