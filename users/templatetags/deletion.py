"""Puts the question for a reason into Django's pages that confirm a deletion, which have no place for fields."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from users.administration.deletion import CONFIRMED
from users.administration.forms import OwnReasonForm

register = template.Library()

PLACE = f'<input type="hidden" name="{CONFIRMED}" value="yes">'


@register.filter
def asking_for(page: SafeString, form: OwnReasonForm) -> SafeString:
    """Return Django's page with the form's fields before the button that confirms."""
    fields = format_html('{}<div class="reason-form">{}</div>', mark_safe(PLACE), form.as_div())  # noqa: S308 - constant
    return mark_safe(page.replace(PLACE, fields, 1))  # noqa: S308 - both are HTML already
