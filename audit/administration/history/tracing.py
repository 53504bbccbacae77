"""The accounts that one operation changed, found in the record by the id of its request."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit import context
from audit.models import UserStateAudit
from users.administration.acting.reporting import REQUEST
from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def accounts(request_id: str, transition: str, *, since: datetime) -> UserFSMQuerySet:
    """
    Return the accounts that made this transition in this request, if it was not before `since`.

    They carry `version_then`, the version that it gave them, and `state_before` it.
    """
    if not context.is_request_id(request_id):
        return UserFSM.objects.none()
    found = UserStateAudit.objects.filter(request_id=request_id, transition=transition, datetime__gte=since)
    of_account = found.filter(user=OuterRef("user")).order_by("-sequence")
    return UserFSM.objects.filter(user__in=found.values("user")).annotate(
        version_then=Subquery(of_account.values("sequence")[:1]),
        state_before=Subquery(of_account.values("start_state")[:1]),
    )


class RequestFilter(admin.SimpleListFilter):
    """Selects the people whom one request changed. Messages and records link to it. It is shown only while set."""

    title = _("operation")
    parameter_name = REQUEST

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        value = self.value()
        return [(value, _("Changed by one operation"))] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        value = self.value()
        if not value:
            return queryset
        if not context.is_request_id(value):
            raise IncorrectLookupParameters("this is no id of a request")
        return queryset.filter(pk__in=UserStateAudit.objects.filter(request_id=value).values("user"))
