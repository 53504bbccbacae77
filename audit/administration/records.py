"""The record in the admin: read-only for everybody, superusers included."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import export, reads, reasons, replica
from audit.administration import dashboard_page, dates, filters, links
from audit.administration.changelist import PAGE_VARS, RecordList
from audit.administration.read_only import ReadOnlyAdmin
from audit.context import acting_as
from audit.integrity.facts import UNREADABLE, facts_of, message_of
from audit.integrity.signing import Verdict, judge
from audit.models import Reading, UserStateAudit
from users import local_time
from users.actors import ActorKind
from users.administration.badge import state_badge
from users.lists import Unread, search_is_readable
from users.lists.admin import without
from users.operations.wording import transition_label
from users.templatetags.browsers import browser_in_words

FORMAT = "Y-m-d H:i:s"
LONGEST_DESCRIPTION = 80

VERDICTS = {
    Verdict.GENUINE: _("Valid: the record is unchanged since it was written"),
    Verdict.UNSIGNED: _("Missing: the record is not signed"),
    Verdict.UNKNOWN_KEY: _("Unknown key: the signing key is not in the settings"),
    Verdict.FORGED: _("Invalid: the record or its signature was altered"),
}


class UserStateAuditAdmin(ReadOnlyAdmin):
    """Records to read, search and export. Nobody can add, change or delete one here."""

    change_list_template = "admin/user_audit/userstateaudit/change_list.html"
    list_display = ("time", "who", "change", "reason")
    list_filter = filters.ALL
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
        "request_id",
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
        offered = (each.parameter_name for each in filters.ALL)
        return lookup in {*offered, *dates.PARAMETERS, *PAGE_VARS}

    # Pages

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(self.export_view), name="user_audit_userstateaudit_export"),
            path("dashboard/", wrap(self.dashboard_view), name="audit_dashboard"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserStateAudit]:
        return super().get_queryset(request).using(replica.place().using)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecordList]:
        return RecordList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = {
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "may_export": self.has_export_permission(request),
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
        """Show the dashboard."""
        return dashboard_page.show(request, self.admin_site, permitted=self.has_view_permission(request))

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Return all pages of the list with these parameters, as CSV."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        listed = self._url("changelist")
        if not search_is_readable(request.GET):  # the list says so
            return HttpResponseRedirect(f"{listed}?{request.GET.urlencode()}")
        try:
            records = self.get_changelist_instance(request).queryset
        except Unread as unread:  # nothing is exported that is not seen
            return without(unread, request, listed)
        pieces = reads.export(request, partial(export.pieces, records))
        name = f"changes-of-state-{local_time.local(timezone.now()):%Y-%m-%d-%H%M%S}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        content = export.in_threads(pieces) if isinstance(request, ASGIRequest) else pieces
        return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        record = kwargs.get("obj")
        context["as_of"] = replica.place().as_of
        if record is not None:
            reads.page(request, Reading.RECORD, 1)
        if record is not None and links.may_be_seen(request, self.admin_site):
            context["person_url"] = links.page_url(self.admin_site, record.user_id)
        return super().render_change_form(request, context, *args, **kwargs)

    def _url(self, page: str, *args: Any) -> str:
        """The URL of a page of the record on this site."""
        name = f"admin:user_audit_userstateaudit_{page}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    # Columns and fields

    @admin.display(description=_("time"))
    def time(self, record: UserStateAudit) -> str:
        """The time, to the second."""
        if record.datetime is None:  # see `users.moments`
            return gettext("cannot be read")
        return date_format(local_time.local(record.datetime), FORMAT)

    @admin.display(description=_("time"))
    def moment(self, record: UserStateAudit) -> str:
        """When, to the microsecond, with the time zone."""
        if record.datetime is None:  # see `users.moments`
            return gettext("cannot be read")
        return local_time.local(record.datetime).isoformat(sep=" ", timespec="microseconds")

    @admin.display(description=_("account"))
    def account(self, record: UserStateAudit) -> SafeString:
        """The name, linked to all records of this account."""
        return _link(self.admin_site, {"user": record.user_id}, record.username)

    @admin.display(description=_("account"))
    def who(self, record: UserStateAudit) -> SafeString:
        """The account, and below it who acted and from where."""
        by_whom = gettext("by %(who)s") % {"who": conditional_escape(self.by_whom(record))}
        acted = [mark_safe(by_whom), *filter(None, [self.address(record)])]  # noqa: S308 - its value is escaped
        return format_html(
            '{}<br><small class="acted">{}</small>',
            self.account(record),
            format_html_join(" · ", "{}", zip(acted, strict=True)),
        )

    @admin.display(description=_("change"))
    def change(self, record: UserStateAudit) -> SafeString:
        """The states before and after."""
        return format_html("{} <span>→</span> {}", *map(state_badge, (record.start_state, record.end_state)))

    @admin.display(description=_("transition"))
    def transition_name(self, record: UserStateAudit) -> str:
        """The transition, with the label of its button."""
        return str(transition_label(record.transition))

    @admin.display(description=_("by"))
    def by_whom(self, record: UserStateAudit) -> SafeString | str:
        """The actor, linked to everything they did if they are a user."""
        if record.actor_id is None:
            return _name_and_kind(record)
        by_whom = _link(self.admin_site, {"actor": record.actor_id}, record.initiated_by)
        if record.impersonator_id is None:
            return by_whom
        return format_html(gettext("{} (acted by {})"), by_whom, record.impersonator_name)

    @admin.display(description=_("address"), empty_value="–")
    def address(self, record: UserStateAudit) -> SafeString | str:
        """The address, linked to everything that came from there, or nothing if it is unknown."""
        return _link(self.admin_site, {"address": record.ip_address}, record.ip_address) if record.ip_address else ""

    @admin.display(description=_("browser"), empty_value="–")
    def browser(self, record: UserStateAudit) -> SafeString | str:
        """The browser in words; what it sent can be opened."""
        return browser_in_words(record.user_agent) if record.user_agent else ""

    @admin.display(description=_("description"))
    def reason(self, record: UserStateAudit) -> str:
        """The beginning of the reason."""
        return Truncator(reasons.reason(record)).chars(LONGEST_DESCRIPTION)

    @admin.display(description=_("account"))
    def person(self, record: UserStateAudit) -> SafeString:
        """The name at that time and the key."""
        return format_html("{} · {}", self.account(record), _("user %(key)s") % {"key": record.user_id})

    @admin.display(description=_("reason"), empty_value="–")
    def why(self, record: UserStateAudit) -> str:
        """The whole reason."""
        return reasons.reason(record)

    @admin.display(description=_("locked until"), empty_value="–")
    def lock_ends(self, record: UserStateAudit) -> str:
        """When a lock ends by itself."""
        return date_format(local_time.local(record.locked_until), FORMAT) if record.locked_until else ""

    @admin.display(description=_("signature"))
    def verdict(self, record: UserStateAudit) -> str:
        """Whether the signature matches the record."""
        try:
            message = message_of(facts_of(record), record.signature)
        except UNREADABLE:
            return str(VERDICTS[Verdict.FORGED])
        return str(VERDICTS[judge(message, record.signature)])


def _name_and_kind(record: UserStateAudit) -> str:
    """An actor who is no user; the kind is shown where the name alone could be taken for something else."""
    if record.actor_kind != ActorKind.NAMED:
        return record.initiated_by
    return gettext("%(name)s (named by code)") % {"name": record.initiated_by}


def _link(site: AdminSite, parameters: dict[str, Any], text: str) -> SafeString:
    """Link to the list with these parameters; a query string alone would stay on the page of one record."""
    address = reverse("admin:user_audit_userstateaudit_changelist", current_app=site.name)
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(parameters), text)
