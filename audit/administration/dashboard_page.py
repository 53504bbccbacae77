"""The dashboard's entry in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from audit.administration import dashboard
from audit.models import Reading
from audit.recording import reads
from users.lists import ReadOnlyAdmin, unoffered


class DashboardAdmin(ReadOnlyAdmin):
    """One page, for people who may view the record."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("user_audit.view_userstateaudit"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the dashboard."""
        return show(request, self.admin_site, permitted=self.has_view_permission(request))


def show(request: HttpRequest, site: admin.AdminSite, *, permitted: bool) -> HttpResponse:
    """The page, noted as read; raises `PermissionDenied` for anyone who may not see it."""
    if not permitted:
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if dropped := unoffered(request):
        return dropped
    reads.page(request, Reading.DASHBOARD, 0)
    return dashboard.page(request, site)
