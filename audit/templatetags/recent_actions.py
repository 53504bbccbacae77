"""The admin's *Recent actions*, including those in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.contrib import admin
from django.template import Context

if TYPE_CHECKING:
    from audit.administration.history.recent_actions import Action

register = template.Library()


@register.simple_tag(takes_context=True)
def recent_actions(context: Context, limit: int) -> list[Action]:
    """Return the last actions of the page's administrator."""
    # Django imports tags with its templates, also in a project that has not installed the admin and its log.
    from audit.administration.history.recent_actions import recent

    request: Any = context["request"]
    return recent(request.user, _site_of(request), limit)


def _site_of(request: Any) -> admin.AdminSite:
    """The site that shows this page: projects may have one beside Django's."""
    name = getattr(request, "current_app", None) or request.resolver_match.namespace
    return next((site for site in admin.sites.all_sites if site.name == name), admin.site)
