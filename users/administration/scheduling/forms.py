"""The form that schedules a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.administration.forms import ReasonField
from users.database.moments import in_the_future
from users.operations import ALL, superusers

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

DATE_AND_TIME = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ScheduleForm(forms.Form):
    """An operation on an account, with its time and reason. `users.operations.scheduling` decides whether it may be."""

    operation = forms.ChoiceField(label=_("What"))
    at = forms.DateTimeField(label=_("When"), widget=DATE_AND_TIME)
    until = forms.DateTimeField(label=_("Locked until"), required=False, widget=DATE_AND_TIME)
    reason = ReasonField()

    def __init__(self, user: User, *, by: Any, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="schedule_%s")
        zone = timezone.get_current_timezone_name()
        self.fields["at"].help_text = _("Time zone: %s") % zone
        self.fields["until"].help_text = _(
            "For a lock that ends by itself. Leave this empty to lock the account until somebody unlocks it."
        )
        offered = [
            each
            for each in ALL.values()
            if each.is_transition and each.permitted(by) and not (user.pk == by.pk and superusers.shuts(each.name))
        ]
        offered.sort(key=lambda each: user.fsm.current_state not in each.sources)  # first what could be done now
        self.fields["operation"].choices = [(each.name, each.wording.label) for each in offered]  # type: ignore[attr-defined]

    @property
    def has_choices(self) -> bool:
        """Whether there is anything that this administrator may schedule."""
        return bool(self.fields["operation"].choices)  # type: ignore[attr-defined]

    def clean_at(self) -> Any:
        return in_the_future(self.cleaned_data["at"])

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        return until and in_the_future(until)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        at, until = cleaned.get("at"), cleaned.get("until")
        if until and "operation" in cleaned and cleaned["operation"] != "lock":
            self.add_error("until", _("Only a lock has an end."))
        elif until and at and until <= at:
            self.add_error("until", _("The lock would end before it begins."))
        return cleaned
