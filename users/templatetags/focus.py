"""Puts the keyboard where a person has to go on."""

from __future__ import annotations

from django import template
from django.forms import BaseForm

register = template.Library()


@register.filter
def at_first_error(form: BaseForm) -> BaseForm:
    """Return the form, which gives the focus to its first field with an error, if there is one."""
    fields = form.visible_fields()
    wrong = next((field for field in fields if field.errors), None)
    if wrong is not None:
        for each in fields:
            each.field.widget.attrs.pop("autofocus", None)
        wrong.field.widget.attrs["autofocus"] = True
    return form
