"""URLs of people's pages in the admin, and links to them."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth import get_user_model
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from users.templatetags.pages import isolated


def person_url(model_admin: ModelAdmin[Any], key: Any) -> str:
    """Return the URL of the page of the person with this key."""
    return page_url(model_admin, "change", key)


def url_of_person(admin_site: AdminSite, page: str, *args: Any) -> str:
    """Return the URL of a page of the admin of users, or an empty text on a site without it."""
    opts = get_user_model()._meta
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args, current_app=admin_site.name)
    except NoReverseMatch:
        return ""


def linked_name(admin_site: AdminSite, key: Any, name: object) -> SafeString:
    """Return the name of this person, linked to the person's page where this site has one."""
    url = url_of_person(admin_site, "change", key)
    return format_html('<a href="{}">{}</a>', url, isolated(name)) if url else isolated(name)


def page_url(model_admin: ModelAdmin[Any], page: str, *args: Any) -> str:
    """Return the URL of a page of this `ModelAdmin` on its own site, for example `change` or `operation`."""
    opts = model_admin.opts
    return reverse(f"{model_admin.admin_site.name}:{opts.app_label}_{opts.model_name}_{page}", args=args)
