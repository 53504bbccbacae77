"""The columns of the list and the page of a record, beside those about the actor."""

from __future__ import annotations

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import reasons
from audit.administration.listing.acting import FORMAT, NOTHING, Acting
from audit.integrity.signed.facts import UNREADABLE, facts_of, message_of
from audit.integrity.signed.signing import Verdict, judge
from audit.models import UserStateAudit
from users.administration.badge import state_badge
from users.database import local_time
from users.operations.wording import transition_label

BEGINNING = 80
"""The number of characters of a reason that fit on two lines. The rest of a longer one is behind a disclosure."""

VERDICTS = {
    Verdict.GENUINE: _("Valid: the record is unchanged since it was written"),
    Verdict.UNSIGNED: _("Missing: the record is not signed"),
    Verdict.UNKNOWN_KEY: _("Unknown key: the signing key is not in the settings"),
    Verdict.FORGED: _("Invalid: the record or its signature was altered"),
}


class Columns(Acting):
    """The columns of the list, each of two lines."""

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


class Fields(Columns):
    """The fields on the page of a record."""

    @admin.display(description=_("transition"))
    def transition_name(self, record: UserStateAudit) -> str:
        """The transition, with the label of its button."""
        return str(transition_label(record.transition))

    @admin.display(description=_("reason"))
    def why(self, record: UserStateAudit) -> str:
        """The whole reason."""
        return reasons.reason(record) or NOTHING

    @admin.display(description=_("locked until"))
    def lock_ends(self, record: UserStateAudit) -> str:
        """When a lock ends by itself."""
        return date_format(local_time.local(record.locked_until), FORMAT) if record.locked_until else NOTHING

    @admin.display(description=_("signature"))
    def verdict(self, record: UserStateAudit) -> str:
        """Whether the signature matches the record."""
        try:
            message = message_of(facts_of(record), record.signature)
        except UNREADABLE:
            return str(VERDICTS[Verdict.FORGED])
        return str(VERDICTS[judge(message, record.signature)])
