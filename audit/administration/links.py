"""URLs of people's pages in the admin, for links from the record."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode


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


def _reverse(site: AdminSite, page: str, *args: Any) -> str:
    opts = get_user_model()._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args, current_app=site.name)
