"""The admin's *Recent actions*, with those that the record knows."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib import admin
from django.template import Context

from audit.administration.history.recent_actions import Action, recent

register = template.Library()


@register.simple_tag(takes_context=True)
def recent_actions(context: Context, limit: int) -> list[Action]:
    """Return what the administrator of this page did last."""
    request: Any = context["request"]
    return recent(request.user, _site_of(request), limit)


def _site_of(request: Any) -> admin.AdminSite:
    """The site that shows this page: projects may have one beside Django's."""
    name = getattr(request, "current_app", None) or request.resolver_match.namespace
    return next((site for site in admin.sites.all_sites if site.name == name), admin.site)
