"""The URL of the exported list among those of the admin of users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone

from users import csv_files, local_time
from users.administration.links import page_url
from users.administration.people import export
from users.lists import ListAdmin, Unread, search_is_readable
from users.lists.admin import without


class PeopleExport(ListAdmin):
    """A `ModelAdmin` of the user model whose list can be exported by whoever may see it."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Return the list with these parameters as a CSV file, all its pages."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        listed = page_url(self, "changelist")
        if not search_is_readable(request.GET):
            return HttpResponseRedirect(f"{listed}?{request.GET.urlencode()}")  # which says why
        try:
            people: Any = self.get_changelist_instance(request).queryset
        except Unread as unread:  # nobody is exported who is not seen
            return without(unread, request, listed)
        found = self.exported(request, partial(export.pieces, people, self.export_columns()))
        return csv_files.response(request, found, name=f"people-{local_time.local(timezone.now()):%Y-%m-%d-%H%M%S}.csv")

    def export_columns(self) -> dict[str, str]:
        """Return the columns of the exported list, each with the field or annotation that it shows."""
        return export.columns()

    def exported(self, request: HttpRequest, pieces: Callable[..., Iterator[bytes]]) -> Iterator[bytes]:
        """Return the pieces of an export. The app that keeps the record overrides this to note who made it."""
        return pieces()
