"""The URLs of scheduled changes among those of a person in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path

from users.administration.scheduling import page


class ScheduleViews(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """A `ModelAdmin` of the user model on which changes are scheduled and cancelled."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        add = self.admin_site.admin_view(self.schedule_view)
        cancel = self.admin_site.admin_view(self.cancel_schedule_view)
        return [
            path("<path:object_id>/scheduled/", add, name=f"{name}_schedule"),
            path("<path:object_id>/scheduled/<int:change>/", cancel, name=f"{name}_cancel_schedule"),
            *super().get_urls(),
        ]

    def schedule_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Schedule a change of this person's account; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return page.add(self, request, self.user_asked_for(request, object_id))

    def cancel_schedule_view(self, request: HttpRequest, object_id: str, change: int) -> HttpResponse:
        """Show the page that cancels a scheduled change, or cancel it when that page is sent."""
        return page.cancel(self, request, self.user_asked_for(request, object_id), change)

    def user_asked_for(self, request: HttpRequest, object_id: str) -> Any:
        """Return the user with this key; raise `PermissionDenied` or `Http404`."""
        user = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, user):
            raise PermissionDenied
        if user is None:
            raise Http404("no such user")
        return user
