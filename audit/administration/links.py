"""URLs of people's pages in the admin, for links from the record."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from audit.models import SchedulingNote, UserStateAudit
from users.administration.acting.reporting import REQUEST


def may_be_seen(request: HttpRequest, site: AdminSite) -> bool:
    """Whether this administrator may view the list of users."""
    model = get_user_model()
    return site.is_registered(model) and site.get_model_admin(model).has_view_or_change_permission(request)


def list_url(site: AdminSite, **parameters: Any) -> str:
    """Return the URL of the list of users with these filters."""
    return f"{_reverse(site, 'changelist')}?{urlencode(parameters)}"


def page_url(site: AdminSite, key: Any) -> str | None:
    """Return the URL of the page of the user with this key, or None if the user no longer exists."""
    found = get_user_model()._default_manager.filter(pk=key).exists()
    return _reverse(site, "change", key) if found else None


def person_url(site: AdminSite, key: Any) -> str:
    """Return the URL of the page that the user with this key has or had, or an empty text on a site without users."""
    return _reverse(site, "change", key) if site.is_registered(get_user_model()) else ""


def changed_url(site: AdminSite, request_id: str) -> str:
    """Return the URL of the list of those whom this request changed, or an empty text on a site without users."""
    return list_url(site, **{REQUEST: request_id}) if site.is_registered(get_user_model()) else ""


def record_url(site: AdminSite, record: UserStateAudit) -> str:
    """Return the URL of the page of this record, or an empty text on a site without records."""
    if not site.is_registered(UserStateAudit):
        return ""
    return reverse("admin:user_audit_userstateaudit_change", args=(record.pk,), current_app=site.name)


def records_url(site: AdminSite, key: Any) -> str:
    """Return the URL of all records of the user with this key, or an empty text on a site without records."""
    if not site.is_registered(UserStateAudit):
        return ""
    url = reverse("admin:user_audit_userstateaudit_changelist", current_app=site.name)
    return f"{url}?{urlencode({'user': key})}"


def steps_url(site: AdminSite, key: Any) -> str:
    """Return the URL of the steps of scheduled changes of the user with this key, or an empty text without a page."""
    if not site.is_registered(SchedulingNote):
        return ""
    url = reverse("admin:user_audit_schedulingnote_changelist", current_app=site.name)
    return f"{url}?{urlencode({'user': key})}"


def _reverse(site: AdminSite, page: str, *args: Any) -> str:
    opts = get_user_model()._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args, current_app=site.name)
