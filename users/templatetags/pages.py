"""What templates ask about pages that a project may have left out."""

from __future__ import annotations

from django import template

from users import pages

register = template.Library()


@register.simple_tag
def login_url() -> str:
    """Where the project lets people log in; empty where that names nothing."""
    return pages.login()
