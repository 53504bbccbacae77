"""Template tags for pages that a project may have left out."""

from __future__ import annotations

from django import template

from users import pages

register = template.Library()


@register.simple_tag
def login_url() -> str:
    """Return the URL of the login page, or an empty text if there is none."""
    return pages.login()
