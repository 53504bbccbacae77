"""Names in the admin's pages. A name in a right-to-left script does not move the words around it."""

from __future__ import annotations

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from users.templatetags.pages import isolated


def by_whom(name: object) -> SafeString:
    """Return “by” and a name, which may be HTML already."""
    shown = name if isinstance(name, SafeString) else isolated(name)
    return mark_safe(conditional_escape(gettext("by %(who)s")) % {"who": shown})  # noqa: S308 - both are escaped
