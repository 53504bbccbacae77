"""The forms of the people's pages, beside Django's."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AskAnewForm(forms.Form):
    """Where a new invitation is to be sent."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True})
    )
