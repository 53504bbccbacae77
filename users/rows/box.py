"""
The checkbox of `is_active` in forms. A stale page does not change it.

Somebody opens a form to change a name, the account is locked meanwhile, and the form is sent with the old value of the
checkbox. Compared with the current account, that value would unlock it. So the form also carries the value that the
checkbox showed at first. If both are equal, nobody has touched the checkbox.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString


class IsActiveBox(forms.BooleanField):
    """A checkbox whose form also carries the value that it showed."""

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Return the checkbox of this form."""
        return IsActiveBoundField(form, self, field_name)


class IsActiveBoundField(BoundField):
    """
    The checkbox in a form.

    Django's own way to carry the first value, `show_hidden_initial`, would take every checkbox in a form rendered by
    hand for changed. Here a form without the first value is treated like any other form.
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
    """Let forms of models use this checkbox for the field `is_active`."""
    formfield = field.formfield
    if field.null or field.choices is not None:
        return  # these are no checkboxes

    def with_box(**kwargs: Any) -> Any:
        return formfield(**{"form_class": IsActiveBox, **kwargs})

    field.formfield = with_box  # type: ignore[method-assign]
