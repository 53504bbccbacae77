"""
The box of `is_active` in forms, which a stale page does not tick.

Somebody opens a page that changes a name, the account is locked, and the page is sent: the box says what it said then.
Compared with the account of now, that would unlock it. So the page carries what the box showed, and a box that still
says that was not touched.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString


class IsActiveBox(forms.BooleanField):
    """A box beside which the page carries what it showed."""

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Return the box of this form."""
        return IsActiveBoundField(form, self, field_name)


class IsActiveBoundField(BoundField):
    """
    The box in a form.

    `show_hidden_initial`, Django's own way to carry what was shown, would take every box for changed whose page is
    rendered by hand. Here a page that does not carry it is a form as any other.
    """

    def __str__(self) -> SafeString:
        return format_html("{}{}", super().__str__(), self.as_hidden(only_initial=True))

    @property
    def data(self) -> Any:
        """Return the posted value, or the current one if the page showed that."""
        posted = super().data
        shown = self.form.data.get(self.html_initial_name)
        return self.initial if shown is not None and shown == str(posted) else posted


def put_into_forms(field: models.Field[Any, Any]) -> None:
    """Let forms of models have this box for the field `is_active`."""
    formfield = field.formfield
    if field.null or field.choices is not None:
        return  # these are no boxes

    def with_box(**kwargs: Any) -> Any:
        return formfield(**{"form_class": IsActiveBox, **kwargs})

    field.formfield = with_box  # type: ignore[method-assign]
