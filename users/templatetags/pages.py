"""Template tags for links to pages that a project may have left out, and for names and moments on pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language_info, gettext

from users.links import pages
from users.mail import names
from users.rows.user_model import has_field

register = template.Library()


@register.simple_tag
def login_url() -> str:
    """Return the URL of the login page, or an empty text if there is none."""
    return pages.login()


@register.simple_tag
def page_that_emails_a_link(name: str) -> str:
    """Return the address of this page of ours; it is empty if the project has no such page, or people no addresses."""
    return pages.address(name) if has_field("email") else ""


@register.filter
def isolated(name: object) -> SafeString:
    """Return a name that does not move the words around it, even if it is written from right to left."""
    return format_html("<bdi>{}</bdi>", name)


@register.filter
def how_long_ago(moment: datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    if timezone.now() - moment < timedelta(minutes=1):
        return gettext("just now")
    return gettext("%(time)s ago") % {"time": timesince(moment, depth=1)}


@register.filter
def own_name(code: str, name: str) -> str:
    """Return the name of a language in that language, or `name`, the project's own, if Django does not know it."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return name


@register.filter
def isolated_text(name: object) -> str:
    """As `isolated`, for text that is not HTML."""
    return names.isolated(str(name))
