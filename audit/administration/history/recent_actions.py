"""*Recent actions* in the admin: an administrator's last actions, from the record and from the admin's own log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.administration import links
from audit.models import UserStateAudit
from users.operations.wording import transition_label

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

LOOKED_AT = 50
"""The number of newest records that are read. Those of one operation are shown as one action."""

LONGEST = 120
"""The number of characters that the list shows of what was done."""

CLASSES = {"is_addition": "addlink", "is_change": "changelink", "is_deletion": "deletelink"}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that an administrator did."""

    moment: datetime
    whom: str
    url: str
    """The URL of the page about it; empty if there is none."""

    what: str
    css_class: str
    """The CSS class, one of those in Django's list, which have an icon."""


def recent(user: User, site: AdminSite, limit: int) -> list[Action]:
    """Return the last actions of this administrator, the newest first, in two queries."""
    log = LogEntry.objects.filter(user=user.pk).select_related("content_type").order_by("-action_time")
    records = UserStateAudit.objects.by(user).order_by("-datetime", "-pk")
    actions = [*map(_of_log, log[:limit]), *_of_records(records[:LOOKED_AT], site)]
    return sorted(actions, key=lambda action: action.moment, reverse=True)[:limit]


def _of_log(entry: LogEntry) -> Action:
    about = entry.content_type.name if entry.content_type else _("Unknown content")
    css_class = next((name for test, name in CLASSES.items() if getattr(entry, test)()), "")
    url = "" if entry.is_deletion() else entry.get_admin_url() or ""
    what = ": ".join(filter(None, (capfirst(about), entry.get_change_message())))
    return Action(entry.action_time, entry.object_repr, url, Truncator(what).chars(LONGEST), css_class)


def _of_records(records: Iterable[UserStateAudit], site: AdminSite) -> Iterator[Action]:
    """Yield an action for each operation: the records that follow each other with the same request and transition."""
    readable = (record for record in records if record.datetime is not None)  # see `users.database.moments`
    for (request_id, transition), found in groupby(readable, lambda record: (record.request_id, record.transition)):
        newest, *others = found
        one = not others or not request_id
        url = links.person_url(site, newest.user_id) if one else links.changed_url(site, request_id)
        whom = newest.username if one else _and_others(newest.username, len(others))
        yield Action(newest.datetime, whom, url, str(transition_label(transition)), "changelink")


def _and_others(username: str, count: int) -> str:
    text = ngettext("%(name)s and %(count)d more", "%(name)s and %(count)d more", count)
    return text % {"name": username, "count": count}
