"""The record in the admin: read-only for everybody, superusers included."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit import replica
from audit.administration import dashboard_page, dates, links
from audit.administration.listing import filters, find
from audit.administration.listing.changelist import PAGE_VARS, RecordList
from audit.administration.listing.columns import Fields
from audit.administration.listing.downloads import DOWNLOADS, download
from audit.context import acting_as
from audit.models import Dashboard, Reading, UserStateAudit
from audit.recording import reads
from users.lists import ReadOnlyAdmin, files


class UserStateAuditAdmin(Fields, ReadOnlyAdmin):
    """Records to read, search and export. Nobody can add, change or delete one here."""

    change_list_template = "admin/user_audit/userstateaudit/change_list.html"
    list_display = ("when", "who", "change", "reason")
    chooses_columns = True
    more_columns = ("transition_name", "browser", "request")
    column_labels = {
        "when": _("Time and address"),
        "who": _("Account and actor"),
        "change": _("Change of state"),
        "reason": _("Reason"),
        "transition_name": _("Transition"),
        "browser": _("Browser"),
        "request": _("Request"),
    }
    list_display_links = None
    list_filter = (*find.FILTERS, *filters.ALWAYS_SHOWN)
    list_per_page = 100
    date_hierarchy = "datetime"
    search_fields = ("^username", "^initiated_by", "^ip_address")
    search_help_text = _("The beginning of an account name, an actor or an address")
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = (
        "moment",
        "person",
        "change",
        "transition_name",
        "sequence",
        "by_whom",
        "why",
        "details",
        "lock_ends",
        "address",
        "browser",
        "request",
        "verdict",
    )

    class Media:
        css = {"all": ["user_lifecycle/states.css", "user_audit/records.css"]}

    # What may be done

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether this person may export the records."""
        return self.has_view_permission(request) and request.user.has_perm("user_audit.export_userstateaudit")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only what the page offers. Other lookups could scan a million rows, or use a regular expression."""
        offered = (each.parameter_name for each in self.list_filter)
        return lookup in {*offered, *dates.PARAMETERS, *PAGE_VARS}

    # Pages

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        export = wrap(self.export_view)
        return [
            path("export/", export, {"kind": "csv"}, name="user_audit_userstateaudit_export"),
            path("export/<slug:kind>/", export, name="user_audit_userstateaudit_export"),
            path("dashboard/", wrap(self.dashboard_view), name="audit_dashboard"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserStateAudit]:
        return super().get_queryset(request).using(replica.place().using)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecordList]:
        return RecordList

    @replica.or_primary
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = {
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "downloads": DOWNLOADS if self.has_export_permission(request) else {},
            "as_of": replica.place().as_of,
        }
        response = super().changelist_view(request, context | (extra_context or {}))
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            reads.page(request, Reading.LIST, response.context_data["cl"].result_count)  # type: ignore[index]
        return response

    def sent(self, request: HttpRequest, rows: int) -> None:
        with acting_as(request.user):
            reads.page(request, Reading.LIST, rows)

    def dashboard_view(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the dashboard's own page, which the sidebar names; show it here if the site has no such page."""
        permitted = self.has_view_permission(request)
        if permitted and request.method in ("GET", "HEAD") and self.admin_site.is_registered(Dashboard):
            own = reverse("admin:user_audit_dashboard_changelist", current_app=self.admin_site.name)
            return HttpResponseRedirect(f"{own}?{query}" if (query := request.GET.urlencode()) else own)
        return dashboard_page.show(request, self.admin_site, permitted=permitted)

    @replica.or_primary
    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Return all pages of the list with these parameters, as a file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        if kind not in DOWNLOADS:
            raise Http404(f"{kind!r} is no kind of file")
        answer = partial(download, request, DOWNLOADS[kind])
        return files.of_list(self, request, links.records_url(self.admin_site), answer)

    @replica.or_primary
    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, object_id, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        record = kwargs.get("obj")
        context["as_of"] = replica.place().as_of
        if record is not None:
            reads.page(request, Reading.RECORD, 1)
            context |= links.neighbours(self.admin_site, record)
        if record is not None and links.may_be_seen(request, self.admin_site):
            context["person_url"] = links.page_url(self.admin_site, record.user_id)
        return super().render_change_form(request, context, *args, **kwargs)
