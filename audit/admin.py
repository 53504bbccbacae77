"""The admin of users, extended by the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from audit import context
from audit.administration import timeline
from audit.administration.dashboard_page import DashboardAdmin
from audit.administration.evidence import RecordReadAdmin, RefusedTransitionAdmin, SchedulingNoteAdmin
from audit.administration.history import of_person, tracing
from audit.administration.last_change import SinceFilter, since_and_by_whom, why, with_last_change
from audit.administration.records import UserStateAuditAdmin
from audit.administration.streams import StreamCursorAdmin, UndeliveredEventAdmin
from audit.models import (
    Dashboard,
    Reading,
    RecordRead,
    RefusedTransition,
    SchedulingNote,
    StreamCursor,
    UndeliveredEvent,
    UserStateAudit,
)
from audit.recording import reads
from users.admin import StateUserAdmin, UserStateAdmin, replace_admin
from users.lists import unoffered
from users.models.querysets import UserFSMQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

PER_PAGE = 100
"""The number of entries on a page of the history, as in Django's."""


class RecordedUserAdmin(UserStateAdmin):
    """`UserStateAdmin` with the record: the last change in the list, the timeline on the person's page."""

    class Media:
        css = {"all": ["user_audit/timeline.css"]}

    def history(self, request: HttpRequest, user: User) -> str:
        """Return the timeline, if the administrator may view records."""
        return self._timeline(request, user) if request.user.has_perm("user_audit.view_userstateaudit") else ""

    def trace(self, request: HttpRequest) -> str:
        """Return the `request_id` of the records that this request makes."""
        return context.origin().request_id

    def traced(self, trace: str, name: str, *, since: datetime) -> UserFSMQuerySet:
        """Return the accounts whose records of this transition have this `request_id`."""
        return tracing.accounts(trace, name, since=since)

    def export_columns(self) -> dict[str, str]:
        """Return the columns with those of the last change."""
        last = {"since": "fsm__changed_at", "by": "state_by", "reason": "state_reason"}
        return super().export_columns() | last

    def exported(self, request: HttpRequest, pieces: reads.Pieces) -> Iterator[bytes]:
        """Return the pieces, and note who made the export."""
        return reads.export(request, pieces, Reading.PEOPLE)

    def _timeline(self, request: HttpRequest, user: User) -> str:
        reads.page(request, Reading.TIMELINE, timeline.LENGTH)
        steps = request.user.has_perm("user_audit.view_schedulingnote")
        return timeline.render(user, self.admin_site, steps=steps)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's page of what was done to this person, with the entries of the record among those of its log."""
        if dropped := unoffered(request, PAGE_VAR):
            return dropped
        response = super().history_view(request, object_id, extra_context)
        context = getattr(response, "context_data", None)
        if context and request.user.has_perm("user_audit.view_userstateaudit"):
            self._add_record(request, context)
        return response

    def _add_record(self, request: HttpRequest, context: dict[str, Any]) -> None:
        paginator = Paginator(of_person.History(context["object"], self.admin_site), PER_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR))
        context["action_list"] = page
        context["page_range"] = paginator.get_elided_page_range(page.number)
        context["pagination_required"] = paginator.num_pages > 1
        reads.page(request, Reading.TIMELINE, len(page))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_last_change(super().get_queryset(request))

    def with_columns(self, people: QuerySet[Any]) -> QuerySet[Any]:
        """Return these people with what the list's columns show."""
        return with_last_change(super().with_columns(people))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        after = columns.index("account_state") + 1
        return [*columns[:after], "since", "why", *columns[after:]]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        state, lock, *others = super().get_list_filter(request)
        return [state, lock, SinceFilter, *others, tracing.RequestFilter]

    @admin.display(description=_("since"), ordering="fsm__changed_at", empty_value="–")
    def since(self, user: Any) -> str:
        """Since when the account has been in its state, and by whom. Empty if it has never changed."""
        return since_and_by_whom(user.fsm.changed_at, user.state_by) if user.fsm.changed_at else ""

    @admin.display(description=_("why"), empty_value="–")
    def why(self, user: Any) -> str:
        """The reason of the last change."""
        return why(user)


class RecordedStateUserAdmin(RecordedUserAdmin, StateUserAdmin):
    """The admin that is registered for Django's `User`."""


def replace_state_user_admin() -> None:
    """Register `RecordedStateUserAdmin` if the user model has exactly `StateUserAdmin`. A project's own admin stays."""
    replace_admin(get_user_model(), StateUserAdmin, RecordedStateUserAdmin)


MODEL_ADMINS: Mapping[type[Model], type[admin.ModelAdmin[Any]]] = {
    UserStateAudit: UserStateAuditAdmin,
    Dashboard: DashboardAdmin,
    StreamCursor: StreamCursorAdmin,
    UndeliveredEvent: UndeliveredEventAdmin,
    RefusedTransition: RefusedTransitionAdmin,
    SchedulingNote: SchedulingNoteAdmin,
    RecordRead: RecordReadAdmin,
}


def register(site: admin.AdminSite) -> None:
    """
    Register the record's pages on this site, beside Django's own or in its place.

    The project registers its `ModelAdmin` of the user model itself, with `RecordedUserAdmin` before its own base.
    """
    for model, model_admin in MODEL_ADMINS.items():
        if not site.is_registered(model):
            site.register(model, model_admin)


register(admin.site)
replace_state_user_admin()
