"""The last change of each account for the list of users, in the list's own query: by whom, why, and since when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit import reasons
from audit.models import UserStateAudit
from users.administration.moments import ago
from users.administration.names import by_whom

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

COLUMNS = {
    "state_by": "initiated_by",
    "state_reason": "description",
    "state_cause": "cause",
    "state_details": "details",
}


def last_change() -> QuerySet[UserStateAudit]:
    """The record of the last change of the user in the outer query."""
    return UserStateAudit.objects.filter(user=OuterRef("pk")).order_by("-sequence")


def with_last_change(users: QuerySet[User]) -> QuerySet[User]:
    """
    Annotate users with the values of their last change, null if nothing has happened yet. A second call changes
    nothing.
    """
    if COLUMNS.keys() <= users.query.annotations.keys():
        return users
    return users.annotate(**{name: Subquery(last_change().values(column)[:1]) for name, column in COLUMNS.items()})


def why(user: Any) -> str:
    """Return the reason of the last change in the reader's language; empty where nothing has happened yet."""
    if user.state_cause is None:
        return ""
    said = {"cause": user.state_cause, "details": user.state_details, "description": user.state_reason}
    return reasons.reason(UserStateAudit(**said))


def since_and_by_whom(moment: datetime, actor: str) -> SafeString:
    """Return how long ago it was, with the exact time as a tooltip, and by whom."""
    return format_html('{}<br><small class="by-whom" title="{}">{}</small>', ago(moment), actor, by_whom(actor))


class SinceFilter(admin.SimpleListFilter):
    """Filters by how long an account has been in its state."""

    title = _("time in this state")
    parameter_name = "since"
    days = {"1": _("Less than a day"), "7": _("Less than a week"), "30": _("Less than 30 days")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*self.days.items(), ("longer", _("30 days or longer"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        value = self.value()
        if value in self.days:
            return queryset.filter(fsm__changed_at__gte=_ago(int(value)))
        if value == "longer":
            return queryset.filter(Q(fsm__changed_at__lt=_ago(30)) | Q(fsm__changed_at=None))
        return queryset


def _ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
