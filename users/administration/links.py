"""URLs of people's pages in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.urls import reverse


def person_url(model_admin: ModelAdmin[Any], key: Any) -> str:
    """Return the URL of the page of the person with this key."""
    return page_url(model_admin, "change", key)


def page_url(model_admin: ModelAdmin[Any], page: str, *args: Any) -> str:
    """Return the URL of a page of this `ModelAdmin` on its own site, for example `change` or `operation`."""
    opts = model_admin.opts
    return reverse(f"{model_admin.admin_site.name}:{opts.app_label}_{opts.model_name}_{page}", args=args)
