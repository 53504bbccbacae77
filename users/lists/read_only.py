"""Admin pages to look at: nobody adds, changes or deletes a row there, superusers included."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from users.lists.admin import ListAdmin


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Nobody adds, changes or deletes a row."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class GoesWithPerson(ReadOnly):
    """Rows that nobody deletes on their own pages, and that are deleted with the person they belong to."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether this is the page of another model: Django's admin asks here too when it deletes a person."""
        page = request.resolver_match and request.resolver_match.url_name
        return not (page or "").startswith(f"{self.opts.app_label}_{self.opts.model_name}_")


class ReadOnlyAdmin(ReadOnly, ListAdmin):
    """Rows to look at and to filter."""

    actions = None
