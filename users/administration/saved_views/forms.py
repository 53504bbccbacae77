"""The forms of saved views."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.models import SavedView
from users.models.saved_view import QUERY_LENGTH, Every


class SaveForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Saves what a list shows under a name, or replaces one's own view of that name."""

    page = forms.CharField(max_length=200, widget=forms.HiddenInput)
    query = forms.CharField(max_length=QUERY_LENGTH, required=False, widget=forms.HiddenInput)

    class Meta:
        model = SavedView
        fields = ("name", "shared")
        labels = {"name": _("Save this view as"), "shared": _("for all administrators")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class MailForm(forms.Form):
    """Asks how often somebody wants a view by email. An empty choice means never."""

    every = forms.ChoiceField(choices=[("", _("no email")), *Every.choices], required=False)
