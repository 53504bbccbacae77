"""Notes in the admin of what is no change of state: read-only for everybody, superusers included."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.administration.listing.filters import AccountFilter
from audit.models import RefusedTransition, SchedulingNote
from users.administration.badge import state_badge
from users.lists import ReadOnlyAdmin
from users.operations.wording import transition_label


class NoteAdmin(ReadOnlyAdmin):
    """Notes of what somebody did, which may be many."""

    list_per_page = 100
    date_hierarchy = "datetime"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER


class RefusedTransitionAdmin(NoteAdmin):
    """Refused transitions."""

    list_display = ("datetime", "username", "asked_for", "was", "reason", "initiated_by", "ip_address", "description")
    list_filter = ("reason", "transition", "state", "actor_kind", "left_out")
    search_fields = ("^username", "^initiated_by", "^ip_address")
    search_help_text = _("Start of the account's name, the actor's name or the address")

    class Media:
        css = {"all": ["user_lifecycle/states.css"]}

    @admin.display(description=_("transition"), ordering="transition")
    def asked_for(self, refusal: RefusedTransition) -> str:
        """The transition, with the name from its button."""
        return str(transition_label(refusal.transition))

    @admin.display(description=_("state"), ordering="state")
    def was(self, refusal: RefusedTransition) -> SafeString:
        """The state at that moment."""
        return state_badge(refusal.state)


class SchedulingNoteAdmin(NoteAdmin):
    """Who scheduled what, and what became of it."""

    list_display = (
        "datetime",
        "username",
        "what",
        "is_scheduled",
        "at",
        "until",
        "initiated_by",
        "ip_address",
        "description",
    )
    list_filter = (AccountFilter, "what", "transition", "actor_kind")
    search_fields = ("^username", "^initiated_by", "^ip_address")
    search_help_text = _("Start of the account's name, the actor's name or the address")

    @admin.display(description=_("transition"), ordering="transition")
    def is_scheduled(self, note: SchedulingNote) -> str:
        """The transition, with the name from its button."""
        return str(transition_label(note.transition))


class RecordReadAdmin(NoteAdmin):
    """Who read or exported the record."""

    list_display = ("datetime", "what", "initiated_by", "ip_address", "query", "rows")
    list_filter = ("what", "actor_kind")
    search_fields = ("^initiated_by", "^ip_address")
