"""The list of scheduled changes of all people: read-only, with links to where each can be cancelled."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import operations
from users.administration.links import linked_name, url_of_person
from users.administration.names import by_whom
from users.lists import ReadOnlyAdmin
from users.models import ScheduledChange
from users.models.scheduled_change import Outcome
from users.operations.wording import transition_label
from users.states import State

COLOURS = {
    Outcome.PENDING: State.INVITED,
    Outcome.DONE: State.ACTIVE,
    Outcome.REFUSED: State.LOCKED,
    Outcome.CANCELLED: State.DEACTIVATED,
}


class OutcomeFilter(admin.SimpleListFilter):
    """Filters by outcome."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Outcome.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[ScheduledChange]) -> QuerySet[ScheduledChange]:
        return queryset.filter(outcome=self.value()) if self.value() in Outcome.values else queryset


class ScheduledChangeAdmin(ReadOnlyAdmin):
    """A read-only list; a change is made and cancelled on the person's page."""

    list_display = ("what", "due", "why", "state")
    list_display_links = None
    list_filter = (OutcomeFilter,)
    search_fields = ("^username", "^scheduled_by")
    search_help_text = gettext_lazy("The beginning of a username, or of the name of the person who scheduled it")
    ordering = ("-at", "-pk")
    show_full_result_count = False

    class Media:
        css = {"all": ["user_lifecycle/states.css", "user_lifecycle/admin.css"]}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": capfirst(str(self.opts.verbose_name_plural))}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns; the last one has links to cancel those changes that this administrator may cancel."""
        *columns, _state = super().get_list_display(request)
        permitted = {each.name for each in operations.permitted(request.user)}

        @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
        def state(change: ScheduledChange) -> SafeString:
            return self.state(change, may_cancel=change.transition in permitted)

        return [*columns, state]

    @admin.display(description=gettext_lazy("change"), ordering="username")
    def what(self, change: ScheduledChange) -> SafeString:
        """The transition, and the name of the person at that time, linked to the person's page."""
        name = linked_name(self.admin_site, change.user_id, change.username)
        return format_html("{}<br>{}", transition_label(change.transition), name)

    @admin.display(description=gettext_lazy("scheduled for"), ordering="at")
    def due(self, change: ScheduledChange) -> Any:
        return change.at

    @admin.display(description=gettext_lazy("reason"), ordering="scheduled_by")
    def why(self, change: ScheduledChange) -> SafeString:
        """The reason, and below it who scheduled the change."""
        return format_html("{}<br><small>{}</small>", change.description or "–", by_whom(change.scheduled_by))

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def state(self, change: ScheduledChange, *, may_cancel: bool = False) -> SafeString:
        """The outcome in a colour, with the note on why it was refused or cancelled, or a link to cancel it."""
        shown = outcome_badge(change)
        if change.note:
            return format_html("{}<br><small>{}</small>", shown, change.note)
        pending = may_cancel and change.outcome == Outcome.PENDING
        url = url_of_person(self.admin_site, "cancel_schedule", change.user_id, change.pk) if pending else ""
        return format_html('{}<br><a href="{}">{}</a>', shown, url, _("Cancel")) if url else shown


def outcome_badge(change: ScheduledChange) -> SafeString:
    """The outcome of a scheduled change, in the colours of the states of accounts."""
    outcome = Outcome(change.outcome)
    return format_html('<span class="state-badge state-{}">{}</span>', COLOURS[outcome], outcome.label)
