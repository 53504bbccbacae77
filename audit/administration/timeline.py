"""The history of one account for the person's page, from its records and from django-fsm-log's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django_fsm_log.models import StateLog

from audit import reasons
from audit.administration import links
from audit.models import UserStateAudit
from users.administration.badge import state_badge
from users.models import UserFSM
from users.operations.wording import transition_label

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

LENGTH = 20
"""The number of changes shown."""


def render(user: User, site: AdminSite, *, steps: bool = False) -> SafeString:
    """
    Return HTML of the account's last `LENGTH` changes, newest first, each with a link to its record.

    With `steps` there is a link to the changes that were scheduled for the account.
    """
    records = list(UserStateAudit.objects.of(user).reverse()[: LENGTH + 1])
    context = {
        "entries": [_entry(record, site) for record in records[:LENGTH]],
        "has_more": len(records) > LENGTH,
        "all_url": links.records_url(site, user=user.pk),
        "steps_url": links.steps_url(site, user.pk) if steps else "",
        "logs": [{"row": row, "transition": transition_label(row.transition)} for row in _state_logs(user)[:LENGTH]],
    }
    return SafeString(render_to_string("user_audit/timeline.html", context))


def _entry(record: UserStateAudit, site: AdminSite) -> dict[str, Any]:
    return {
        "record": record,
        "url": links.record_url(site, record.pk),
        "start": state_badge(record.start_state),
        "end": state_badge(record.end_state),
        "reason": reasons.reason(record),
    }


def _state_logs(user: User) -> QuerySet[Any]:
    content_type = ContentType.objects.get_for_model(UserFSM)
    logs = StateLog.objects.filter(content_type=content_type, object_id=user.fsm.pk)
    found: QuerySet[Any] = logs.select_related("by", "content_type").order_by("-pk")
    return found
