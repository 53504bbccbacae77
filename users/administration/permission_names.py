"""
The names of permissions in the reader's language.

`migrate` stores them in English. Models give the names of their own permissions as translatable texts. The names that
Django makes for each model ("Can view user") are made here in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEFAULT: Mapping[str, str | Promise] = {
    "add": _("Can add %(model)s"),
    "change": _("Can change %(model)s"),
    "delete": _("Can delete %(model)s"),
    "view": _("Can view %(model)s"),
}
"""The names by action, for models that do not name the permission themselves."""


def name_of(permission: Permission) -> str:
    """Return the name as the model says it; the stored one if the model is gone, or does not have this permission."""
    model = permission.content_type.model_class()
    if model is None:
        return permission.name
    declared: dict[str, Any] = dict(model._meta.permissions)
    if permission.codename in declared:
        return str(declared[permission.codename])
    action = permission.codename.partition("_")[0]
    if action in DEFAULT and permission.codename == get_permission_codename(action, model._meta):
        return str(DEFAULT[action]) % {"model": model._meta.verbose_name}
    return permission.name


class ChoiceOfMany(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    """Django's field, which fails on SQLite for a key that is longer than any in the database."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            message = self.error_messages["invalid_choice"] % {"value": "…"}
            raise ValidationError(message, code="invalid_choice") from error


class PermissionsField(ChoiceOfMany):
    """A choice of permissions, with the labels of Django's: app, model and name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.content_type} | {name_of(obj)}"


class TranslatedPermissions:
    """A `ModelAdmin` whose forms show permissions in the reader's language."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        """Django's field, for permissions with translated labels."""
        are_permissions = db_field.remote_field.model is Permission
        kwargs.setdefault("form_class", PermissionsField if are_permissions else ChoiceOfMany)
        return super().formfield_for_manytomany(db_field, request=request, **kwargs)  # type: ignore[misc]  # of the ModelAdmin
