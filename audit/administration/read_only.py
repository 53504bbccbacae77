"""The base of the admin's pages of the record: read-only for everybody, superusers included."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from users.lists import ListAdmin


class ReadOnlyAdmin(ListAdmin):
    """Rows to look at and to filter; nobody adds, changes or deletes one here."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
