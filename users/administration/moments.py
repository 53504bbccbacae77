"""Moments in the lists of the admin."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from users.database import local_time
from users.templatetags.pages import how_long_ago


def ago(moment: datetime) -> SafeString:
    """Return how long ago it was, with the exact time as a tooltip."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        date_format(local_time.local(moment), "DATETIME_FORMAT"),
        how_long_ago(moment),
    )
