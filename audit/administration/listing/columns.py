"""What the list and the page of a record show of it. Every id is a link to the records that share it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import reasons
from audit.administration import links
from audit.integrity.signed.facts import UNREADABLE, facts_of, message_of
from audit.integrity.signed.signing import Verdict, judge
from audit.models import UserStateAudit
from users import local_time
from users.actors import ActorKind
from users.administration.badge import state_badge
from users.operations.wording import transition_label
from users.templatetags.browsers import browser_in_words

FORMAT = "Y-m-d H:i:s"

BEGINNING = 80
"""The number of characters of a reason that fit on two lines. The rest of a longer one is behind a disclosure."""

NOTHING = "–"

VERDICTS = {
    Verdict.GENUINE: _("Valid: the record is unchanged since it was written"),
    Verdict.UNSIGNED: _("Missing: the record is not signed"),
    Verdict.UNKNOWN_KEY: _("Unknown key: the signing key is not in the settings"),
    Verdict.FORGED: _("Invalid: the record or its signature was altered"),
}


class Columns:
    """The columns of the list, each of two lines."""

    admin_site: AdminSite

    @admin.display(description=_("time"))
    def when(self, record: UserStateAudit) -> SafeString:
        """The time to the second, linked to the record, over the address."""
        page = links.record_url(self.admin_site, record.pk)
        below = format_html('<small class="below">{}</small>', self.address(record)) if record.ip_address else ""
        return format_html('<a class="moment" href="{}">{}</a>{}', page, _time(record), below)

    @admin.display(description=_("account"))
    def who(self, record: UserStateAudit) -> SafeString:
        """The account over the actor."""
        by_whom = mark_safe(gettext("by %(who)s") % {"who": conditional_escape(self.by_whom(record))})  # noqa: S308 - its value is escaped
        named = '<span class="name" title="{}">{}</span><small class="below name" title="{}">{}</small>'
        return format_html(named, record.username, self.account(record), record.initiated_by, by_whom)

    @admin.display(description=_("change"))
    def change(self, record: UserStateAudit) -> SafeString:
        """The states before and after."""
        before, after = map(state_badge, (record.start_state, record.end_state))
        return format_html('{} <span class="after"><span>→</span> {}</span>', before, after)

    @admin.display(description=_("description"))
    def reason(self, record: UserStateAudit) -> SafeString | str:
        """The reason; of a long one the beginning, and the whole behind a disclosure."""
        reason = reasons.reason(record)
        beginning = Truncator(" ".join(reason.split())).chars(BEGINNING)
        if beginning == reason:
            return reason
        shown = (
            '<details class="long"><summary><span class="beginning">{}</span> <span class="more">{}</span>'
            '<span class="less">{}</span></summary><p class="whole">{}</p></details>'
        )
        return format_html(shown, beginning, gettext("more"), gettext("less"), reason)

    @admin.display(description=_("account"))
    def account(self, record: UserStateAudit) -> SafeString:
        """The name, linked to all records of this account."""
        return self.linked(record.username, user=record.user_id)

    @admin.display(description=_("by"))
    def by_whom(self, record: UserStateAudit) -> SafeString | str:
        """The actor, linked to everything they did; a name alone to everything by that name."""
        if record.actor_id is None:
            return self.linked(_name_and_kind(record), by_name=record.initiated_by)
        by_whom = self.linked(record.initiated_by, actor=record.actor_id)
        if record.impersonator_id is None:
            return by_whom
        impersonator = self.linked(record.impersonator_name, actor=record.impersonator_id)
        return format_html(gettext("{} (acted by {})"), by_whom, impersonator)

    @admin.display(description=_("address"))
    def address(self, record: UserStateAudit) -> SafeString | str:
        """The address, linked to everything that came from there."""
        return self.linked(record.ip_address, address=record.ip_address) if record.ip_address else NOTHING

    def linked(self, text: str, **parameters: Any) -> SafeString:
        """Link to the list with these parameters; a query string alone would stay on the page of one record."""
        return format_html('<a href="{}">{}</a>', links.records_url(self.admin_site, **parameters), text)


class Fields(Columns):
    """The fields on the page of a record."""

    @admin.display(description=_("time"))
    def moment(self, record: UserStateAudit) -> str:
        """When, to the microsecond, with the time zone."""
        if record.datetime is None:  # see `users.moments`
            return gettext("cannot be read")
        return local_time.local(record.datetime).isoformat(sep=" ", timespec="microseconds")

    @admin.display(description=_("transition"))
    def transition_name(self, record: UserStateAudit) -> str:
        """The transition, with the label of its button."""
        return str(transition_label(record.transition))

    @admin.display(description=_("account"))
    def person(self, record: UserStateAudit) -> SafeString:
        """The name at that time and the key."""
        return format_html("{} · {}", self.account(record), _("user %(key)s") % {"key": record.user_id})

    @admin.display(description=_("reason"))
    def why(self, record: UserStateAudit) -> str:
        """The whole reason."""
        return reasons.reason(record) or NOTHING

    @admin.display(description=_("locked until"))
    def lock_ends(self, record: UserStateAudit) -> str:
        """When a lock ends by itself."""
        return date_format(local_time.local(record.locked_until), FORMAT) if record.locked_until else NOTHING

    @admin.display(description=_("browser"))
    def browser(self, record: UserStateAudit) -> SafeString | str:
        """The browser in words; what it sent can be opened."""
        return browser_in_words(record.user_agent) if record.user_agent else NOTHING

    @admin.display(description=_("request"))
    def request(self, record: UserStateAudit) -> SafeString | str:
        """The id of the request, linked to everything that it did."""
        return self.linked(record.request_id, request=record.request_id) if record.request_id else NOTHING

    @admin.display(description=_("signature"))
    def verdict(self, record: UserStateAudit) -> str:
        """Whether the signature matches the record."""
        try:
            message = message_of(facts_of(record), record.signature)
        except UNREADABLE:
            return str(VERDICTS[Verdict.FORGED])
        return str(VERDICTS[judge(message, record.signature)])


def _time(record: UserStateAudit) -> str:
    if record.datetime is None:  # see `users.moments`
        return gettext("cannot be read")
    return date_format(local_time.local(record.datetime), FORMAT)


def _name_and_kind(record: UserStateAudit) -> str:
    """An actor who is no user; the kind is shown where the name alone could be taken for something else."""
    if record.actor_kind != ActorKind.NAMED:
        return record.initiated_by
    return gettext("%(name)s (named by code)") % {"name": record.initiated_by}
