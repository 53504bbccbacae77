"""A person's *History* in the admin: the record's entries beside those of the admin's own log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.db.models import CharField, F, QuerySet, Value
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString

from audit import reasons
from audit.administration import links
from audit.models import UserStateAudit
from users.administration.badge import state_badge

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

RECORD, LOG = "record", "log"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An entry of the record, with the attributes that templates need from one of the admin's log.

    Themes of the admin, such as Jazzmin, need more of them than Django's own template.
    """

    action_time: datetime | None
    username: str
    message: SafeString

    @property
    def user(self) -> Entry:
        """The name of the actor."""
        return self

    def get_username(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return ""

    def get_change_message(self) -> SafeString:
        return self.message

    @property
    def change_message(self) -> str:
        """The message as plain text, as the log stores its own."""
        return strip_tags(self.message)

    def is_addition(self) -> bool:
        return False

    def is_change(self) -> bool:
        return True

    def is_deletion(self) -> bool:
        return False


class History(Sequence[Any]):
    """The entries of both about one person, the oldest first. A slice reads only its own, in three queries."""

    def __init__(self, user: User, site: AdminSite) -> None:
        log = LogEntry.objects.filter(object_id=str(user.pk), content_type=get_content_type_for_model(user))
        records = UserStateAudit.objects.of(user)
        self._site = site
        # The record comes first, because its column reads unreadable times as None.
        self._places = _places(records, "datetime", RECORD).union(_places(log, "action_time", LOG), all=True)

    def __len__(self) -> int:
        return self._places.count()

    def __getitem__(self, index: Any) -> Any:
        places = list(self._places.order_by("moment", "source", "key")[index])
        keys = defaultdict(list)
        for _moment, source, key in places:
            keys[source].append(key)
        log = LogEntry.objects.select_related("user").in_bulk(keys[LOG])
        records = UserStateAudit.objects.in_bulk(keys[RECORD])
        return [log[key] if source == LOG else self._entry(records[key]) for _moment, source, key in places]

    def _entry(self, record: UserStateAudit) -> Entry:
        change = format_html("{} → {}", *map(state_badge, (record.start_state, record.end_state)))
        if url := links.record_url(self._site, record.pk):
            change = format_html('<a href="{}">{}</a>', url, change)
        reason = reasons.reason(record)
        message = format_html("{} {}", change, reason) if reason else change
        return Entry(record.datetime, record.initiated_by, message)


def _places(rows: QuerySet[Any], moment: str, source: str) -> QuerySet[Any, Any]:
    found = rows.order_by().annotate(moment=F(moment), source=Value(source, CharField()), key=F("pk"))
    places: QuerySet[Any, Any] = found.values_list("moment", "source", "key")
    return places
