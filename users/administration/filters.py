"""Filters of the list of users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class StateFilter(admin.SimpleListFilter):
    """Filters by the state of the account."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() not in State.values:
            return queryset
        return queryset.filter(fsm__current_state=self.value())


class LockCauseFilter(admin.SimpleListFilter):
    """Filters by what locked the account: failed logins, or an administrator."""

    title = _("lock")
    parameter_name = "lock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("automatic", _("After failed logins")), ("manual", _("By an administrator"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() not in ("automatic", "manual"):
            return queryset
        locked = queryset.filter(fsm__current_state=State.LOCKED)
        # The same condition as `UserFSM.locked_by_failed_logins`.
        return (
            locked.filter(fsm__failed_logins__gt=0)
            if self.value() == "automatic"
            else locked.filter(fsm__failed_logins=0)
        )


class InvitationFilter(admin.SimpleListFilter):
    """Filters by whether the invitation link is still valid."""

    title = _("invitation")
    parameter_name = "invitation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("expired", _("Expired"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() != "expired":
            return queryset
        return queryset.filter(fsm__in=UserFSM.objects.with_expired_invitation(timezone.now()))
