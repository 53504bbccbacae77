"""Labels for the two fields of a date and time in a form of the admin. Django's own text beside them is no label."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext


class LabelledDates(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """A `ModelAdmin` whose fields for a date and for a time say which date and time they are."""

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            name = capfirst(str(field.label))
            for part, said in zip(field.widget.widgets, (gettext("Date"), gettext("Time")), strict=True):
                part.attrs["aria-label"] = f"{name} – {said}"
        return field
