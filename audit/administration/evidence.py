"""Notes in the admin about events other than changes of state: read-only for everybody, superusers included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.administration import links
from audit.administration.listing.acting import NOTHING, Acting
from audit.administration.listing.filters import AccountFilter, ActorFilter, KnownValues
from audit.administration.listing.find import ActorNameFilter, AddressFilter, RequestFilter
from audit.models import RecordRead, RefusedTransition, SchedulingNote
from users.administration.badge import state_badge
from users.lists import ReadOnlyAdmin
from users.operations.wording import WORDINGS, transition_label
from users.transitions import ABOUT

ACTED = (ActorFilter, ActorNameFilter, AddressFilter, RequestFilter)
"""The parameters that the links in the rows set: the actor, the origin, the request."""


class TransitionFilter(KnownValues):
    """Filters by the requested transition."""

    title = _("transition")
    parameter_name = "transition"
    names: Iterable[str] = ABOUT

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, transition_label(name)) for name in self.names]

    def chosen(self, records: Any, value: str) -> Any:
        return records.filter(transition=value)


class OperationFilter(TransitionFilter):
    """Filters by the requested operation, which may be no transition."""

    names = WORDINGS


class LeftOutFilter(admin.BooleanFieldListFilter):
    """Filters by whether refusals after this one were left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(_("refusals left out after it"))


UNDER = '{}<small class="below">{}</small>'


class NoteAdmin(Acting, ReadOnlyAdmin):
    """Notes of actions. There may be many."""

    change_form_template = "admin/user_audit/note.html"
    list_per_page = 100
    date_hierarchy = "datetime"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    class Media:
        css = {"all": ["user_lifecycle/states.css", "user_audit/records.css"]}


class AccountNoteAdmin(NoteAdmin):
    """Notes about an account, with links to the person and to the record of the account."""

    search_fields = ("^username", "^initiated_by", "^ip_address")
    search_help_text = _("Start of the account's name, the actor's name or the address")

    @admin.display(description=_("transition"))
    def transition_name(self, note: RefusedTransition | SchedulingNote) -> str:
        """The transition, with the name from its button."""
        return str(transition_label(note.transition))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        note = kwargs.get("obj")
        if note is not None and links.may_be_seen(request, self.admin_site):
            context["person_url"] = links.page_url(self.admin_site, note.user_id)
        if note is not None and request.user.has_perm("user_audit.view_userstateaudit"):
            context["records_url"] = links.records_url(self.admin_site, user=note.user_id)
        return super().render_change_form(request, context, *args, **kwargs)


class RefusedTransitionAdmin(AccountNoteAdmin):
    """Refused transitions."""

    list_display = ("when", "who", "asked_for", "why")
    list_display_links = None
    list_filter = (
        AccountFilter,
        *ACTED,
        "reason",
        OperationFilter,
        "state",
        "actor_kind",
        ("left_out", LeftOutFilter),
    )
    fields = (
        "moment",
        "person",
        "transition_name",
        "was",
        "reason",
        "description",
        "left_out",
        "by_whom",
        "address",
        "browser",
        "request",
    )

    @admin.display(description=_("transition"), ordering="transition")
    def asked_for(self, refusal: RefusedTransition) -> SafeString:
        """The transition, with the label of its button, above the state at that moment."""
        return format_html(UNDER, self.transition_name(refusal), self.was(refusal))

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, refusal: RefusedTransition) -> SafeString:
        """The reason for the refusal, above the reason that was given for the transition."""
        return format_html(UNDER, refusal.get_reason_display(), refusal.description)

    @admin.display(description=_("state"))
    def was(self, refusal: RefusedTransition) -> SafeString:
        """The state at that moment."""
        return state_badge(refusal.state)


class SchedulingNoteAdmin(AccountNoteAdmin):
    """The list of steps of scheduled changes."""

    list_display = ("when", "who", "step", "at", "description")
    list_display_links = None
    list_filter = (AccountFilter, *ACTED, "what", TransitionFilter, "actor_kind")
    fields = (
        "moment",
        "person",
        "what",
        "transition_name",
        "at",
        "until",
        "description",
        "details",
        "by_whom",
        "address",
        "browser",
        "request",
    )

    @admin.display(description=_("what"), ordering="transition")
    def step(self, note: SchedulingNote) -> SafeString:
        """The step that was taken, above the planned transition."""
        return format_html(UNDER, note.get_what_display(), self.transition_name(note))


class RecordReadAdmin(NoteAdmin):
    """The list of people who read or exported the record."""

    list_display = ("when", "by_whom", "what", "filters", "rows")
    list_display_links = None
    list_filter = (*ACTED, "what", "actor_kind")
    search_fields = ("^initiated_by", "^ip_address")
    fields = ("moment", "what", "query", "rows", "by_whom", "address", "browser", "request")

    @admin.display(description=_("filters"))
    def filters(self, read: RecordRead) -> str:
        """The filters, which are one long word without spaces."""
        return read.query or NOTHING
