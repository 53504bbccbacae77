"""Streams in the admin: the progress of each, how far behind it is, and its last error."""

from __future__ import annotations

from django.contrib import admin
from django.db import router
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.models import StreamCursor
from audit.stream.sources import SOURCES
from users.database import local_time
from users.lists import ReadOnlyAdmin

MOST = 10_000
"""The maximum number of waiting rows that are counted."""


class StreamCursorAdmin(ReadOnlyAdmin):
    """The cursors of `audit_stream`."""

    list_display = ("stream", "what", "progress", "behind", "refused", "last_error")
    fields = (
        "name",
        "what",
        "target",
        "format",
        "last_id",
        "last_datetime",
        "delivered",
        "delivered_at",
        "behind",
        "gaps",
        "refused",
        "last_error",
        "failed_at",
        "holder",
    )

    @admin.display(description=_("name"), ordering="name")
    def stream(self, cursor: StreamCursor) -> SafeString:
        """The name above the target."""
        return format_html("{}<br><small>{}</small>", cursor.name, cursor.target)

    @admin.display(description=_("delivered"), ordering="delivered")
    def progress(self, cursor: StreamCursor) -> SafeString | int:
        """The number of delivered events, above the time of the last delivery."""
        if cursor.delivered_at is None:
            return cursor.delivered
        moment = date_format(local_time.local(cursor.delivered_at), "DATETIME_FORMAT")
        return format_html("{}<br><small>{}</small>", cursor.delivered, moment)

    @admin.display(description=_("waiting"))
    def behind(self, cursor: StreamCursor) -> str:
        """The number of waiting rows, and since when."""
        source = SOURCES.get(cursor.what)
        if source is None:
            return ""
        waiting = source.rows(cursor._state.db or router.db_for_write(type(cursor))).filter(pk__gt=cursor.last_id)
        number = waiting[:MOST].count()
        oldest = waiting.first() if number else None
        if oldest is None:
            return "0"
        values = {"number": f"{number}+" if number == MOST else number, "time": timesince(oldest.datetime)}
        return gettext("%(number)s, for %(time)s") % values

    @admin.display(description=_("refused"))
    def refused(self, cursor: StreamCursor) -> int:
        """The number of events that the receiver refused."""
        return cursor.undelivered.count()

    @admin.display(description=_("process"), empty_value="–")
    def holder(self, cursor: StreamCursor) -> str:
        """The process that works with the cursor at present."""
        held = cursor.held_until is not None and cursor.held_until > timezone.now()
        return cursor.held_by if held else ""


class UndeliveredEventAdmin(ReadOnlyAdmin):
    """Events that receivers refused."""

    list_display = ("event_id", "cursor", "answer", "refused_at")
    list_filter = ("cursor",)
    list_select_related = ("cursor",)
