"""Shows the browser of a session or a record."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from users.input import browser

register = template.Library()


@register.filter
def browser_in_words(user_agent: str) -> SafeString:
    """Return the browser in words, with the text that it sent in a disclosure, or that text for an unknown browser."""
    words = browser.in_words(user_agent)
    if not words:
        return format_html("{}", user_agent or _("An unknown browser"))
    return format_html('<details class="browser"><summary>{}</summary><small>{}</small></details>', words, user_agent)
