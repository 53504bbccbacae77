"""The views that an administrator can choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse

from users.models import SavedView

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def of(user: User) -> QuerySet[SavedView]:
    """Return the views of this person and those that others share, in the order of their names."""
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner").order_by("name", "pk")


def list_of(page: str) -> ModelAdmin[Any] | None:
    """Return the admin of the list of this model (`SavedView.page`), or None if it no longer exists."""
    try:
        return admin.site.get_model_admin(apps.get_model(page))
    except (LookupError, ValueError, NotRegistered):
        return None


def is_offered(page: str, request: HttpRequest) -> bool:
    """Whether this is a list that this person may see."""
    model_admin = list_of(page)
    return model_admin is not None and model_admin.has_view_permission(request)


def address(view: SavedView) -> str:
    """The permanent link of the view; empty if its list is gone."""
    model_admin = list_of(view.page)
    if model_admin is None:
        return ""
    opts = model_admin.opts
    try:
        path = reverse(f"{model_admin.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist")
    except NoReverseMatch:
        return ""
    return f"{path}?{view.query}" if view.query else path


def without_page(query: str) -> str:
    """The query of a list, from its first page on."""
    kept = QueryDict(query, mutable=True)
    kept.pop(PAGE_VAR, None)
    return kept.urlencode()
