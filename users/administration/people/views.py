"""The URL of the exported list among those of the admin of users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from users.administration.links import page_url
from users.administration.people import export
from users.lists import ListAdmin, files


class PeopleExport(ListAdmin):
    """A `ModelAdmin` of the user model whose list can be exported by everybody who may see it."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_download"  # not `export`, which is django-import-export's
        return [path("download/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Return the list with these parameters as a CSV file, all its pages."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

        def file(people: QuerySet[Any]) -> HttpResponseBase:
            pieces = self.exported(request, partial(export.pieces, people, self.export_columns()))
            return files.response(request, pieces, name="people")

        return files.of_list(self, request, page_url(self, "changelist"), file)

    def export_columns(self) -> dict[str, str]:
        """Return the columns of the exported list, each with the field or annotation that it shows."""
        return export.columns()

    def exported(self, request: HttpRequest, pieces: Callable[..., Iterator[bytes]]) -> Iterator[bytes]:
        """Return the pieces of an export. The app that keeps the record overrides this to note who made it."""
        return pieces()
