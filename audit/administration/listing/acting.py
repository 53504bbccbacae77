"""The columns for actor, account and origin, in a list and on a page. Each id links to the rows that share it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models.options import Options
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from users.actors import ActorKind
from users.administration.names import by_whom
from users.database import local_time
from users.templatetags.browsers import browser_in_words
from users.templatetags.pages import isolated

FORMAT = "Y-m-d H:i:s"
NOTHING = "–"


class Acting:
    """
    Columns and fields of a `ModelAdmin` whose rows say who acted: records, refusals, readings.

    Its list has filters for `user`, `actor`, `by_name`, `address` and `request`, as far as its rows have these.
    """

    admin_site: AdminSite
    opts: Options[Any]

    @admin.display(description=_("time"), ordering="datetime")
    def when(self, row: Any) -> SafeString:
        """The time to the second, linked to the page of the row, above the address."""
        below = format_html('<small class="below">{}</small>', self.address(row)) if row.ip_address else ""
        return format_html('<a class="moment" href="{}">{}</a>{}', self.url("change", row.pk), _time(row), below)

    @admin.display(description=_("account"), ordering="username")
    def who(self, row: Any) -> SafeString:
        """The account above the actor."""
        named = '<span class="name" title="{}">{}</span><small class="below name" title="{}">{}</small>'
        return format_html(named, row.username, self.account(row), row.initiated_by, by_whom(self.by_whom(row)))

    @admin.display(description=_("time"))
    def moment(self, row: Any) -> str:
        """When, to the microsecond, with the time zone."""
        if row.datetime is None:  # see `users.database.moments`
            return gettext("cannot be read")
        return local_time.local(row.datetime).isoformat(sep=" ", timespec="microseconds")

    @admin.display(description=_("account"))
    def account(self, row: Any) -> SafeString:
        """The name, linked to everything about this account."""
        return self.linked(row.username, user=row.user_id)

    @admin.display(description=_("account"))
    def person(self, row: Any) -> SafeString:
        """The name at that time and the key."""
        return format_html("{} · {}", self.account(row), _("user %(key)s") % {"key": row.user_id})

    @admin.display(description=_("by"), ordering="initiated_by")
    def by_whom(self, row: Any) -> SafeString:
        """The actor, linked to everything they did; a name alone to everything by that name."""
        if row.actor_id is None:
            return self.linked(_name_and_kind(row), by_name=row.initiated_by)
        actor = self.linked(row.initiated_by, actor=row.actor_id)
        if row.impersonator_id is None:
            return actor
        impersonator = self.linked(row.impersonator_name, actor=row.impersonator_id)
        return format_html(gettext("{} (impersonated by {})"), actor, impersonator)

    @admin.display(description=_("address"), ordering="ip_address")
    def address(self, row: Any) -> SafeString | str:
        """The address, linked to everything from this address."""
        return self.linked(row.ip_address, address=row.ip_address) if row.ip_address else NOTHING

    @admin.display(description=_("browser"))
    def browser(self, row: Any) -> SafeString | str:
        """The browser in words; what it sent can be opened."""
        return browser_in_words(row.user_agent) if row.user_agent else NOTHING

    @admin.display(description=_("request"))
    def request(self, row: Any) -> SafeString | str:
        """The id of the request, linked to everything that it did."""
        return self.linked(row.request_id, request=row.request_id) if row.request_id else NOTHING

    def linked(self, text: str, **parameters: Any) -> SafeString:
        """Link to the list with these parameters. A query string alone would lead back to the page of one row."""
        query = urlencode({name: str(value) for name, value in parameters.items()})  # on SQLite a key may be anything
        return format_html('<a href="{}?{}">{}</a>', self.url("changelist"), query, isolated(text))

    def url(self, page: str, *args: Any) -> str:
        """Return the URL of a page of this `ModelAdmin` on its own site."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args, current_app=self.admin_site.name)


def _time(row: Any) -> str:
    if row.datetime is None:  # see `users.database.moments`
        return gettext("cannot be read")
    return date_format(local_time.local(row.datetime), FORMAT)


def _name_and_kind(row: Any) -> str:
    """Return an actor who is no user. The kind is added if the name alone could be mistaken."""
    if row.actor_kind != ActorKind.NAMED or not row.initiated_by:
        return str(row.initiated_by)
    return gettext("%(name)s (named by code)") % {"name": row.initiated_by}
