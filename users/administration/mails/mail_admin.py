"""The admin of emails to people: what was sent, is waiting or has failed, why, and a button to try again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import router
from django.db.models import QuerySet
from django.forms import CheckboxInput
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from users.administration.links import linked_name
from users.database import local_time
from users.input import mailbox
from users.lists import GoesWithPerson, ListAdmin
from users.mail import kinds, names, queue, standing
from users.mail.standing import Standing
from users.models import Mail
from users.states import State

RETRY = "user_lifecycle.retry_mail"


class StandingFilter(admin.SimpleListFilter):
    """Filters by the status of emails."""

    title = _("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(each.value, each.label) for each in Standing]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        value = self.value()
        return queryset.filter(standing.having(Standing(value))) if value in Standing.values else queryset


class MailAdmin(GoesWithPerson, ListAdmin):
    """A read-only list. The text of an email is composed when it is sent, and not stored."""

    list_display = ("state", "what", "person", "created", "why")
    list_display_links = None
    list_filter = (StandingFilter,)
    actions = ("try_again",)
    show_full_result_count = False

    class Media:
        css = {"all": ["user_lifecycle/states.css", "user_lifecycle/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        found: QuerySet[Mail] = standing.with_reasons(super().get_queryset(request).select_related("user"))
        return found

    def get_fields(self, request: HttpRequest, obj: Mail | None = None) -> list[Any]:
        """Without the reason where there is none."""
        return [name for name in self.list_display if name != "why" or obj is None or self.why(obj)]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Call the email by what it is about."""
        mail = kwargs.get("obj")
        if mail is not None:
            context["subtitle"] = f"{self.what(mail)}: {names.isolated(str(mail.user))}"
        return super().render_change_form(request, context, *args, **kwargs)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [f"user__{get_user_model().USERNAME_FIELD}", "email__to"]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whether this administrator may send emails again."""
        return request.user.has_perm(RETRY)

    def action_checkbox(self, mail: Mail) -> SafeString:
        """The checkbox of a row. A screen reader reads the kind of the email aloud, in the reader's language."""
        said = gettext("Select this object for an action - {}").format(f"{self.what(mail)}: {mail.user}")
        checkbox = CheckboxInput({"class": "action-select", "aria-label": said}, lambda _value: False)
        return checkbox.render(ACTION_CHECKBOX_NAME, str(mail.pk))

    @admin.action(description=_("Try selected emails again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, mails: QuerySet[Mail]) -> None:
        """Queue the selected emails once more."""
        retry(request, list(mails))

    @admin.display(description=_("queued"), ordering="email__created")
    def created(self, mail: Mail) -> Any:
        return date_format(local_time.local(mail.email.created), "DATETIME_FORMAT")

    @admin.display(description=_("about"))
    def what(self, mail: Mail) -> Any:
        return kinds.label_of(mail.kind)

    @admin.display(description=_("person"), ordering=f"user__{get_user_model().USERNAME_FIELD}")
    def person(self, mail: Mail) -> SafeString:
        """Name and address in one column."""
        to = ", ".join(map(mailbox.readable, mail.email.to))
        name = linked_name(self.admin_site, mail.user_id, mail.user.get_username())
        return format_html('{}<br><small class="email"><bdi>{}</bdi></small>', name, to)

    @admin.display(description=_("state"), ordering="email__status")
    def state(self, mail: Mail) -> SafeString:
        return badge(mail)

    @admin.display(description=_("reason"))
    def why(self, mail: Mail) -> str:
        tries = mail.email.number_of_retries or 0
        reason = standing.reason(mail)
        if not reason or not tries:
            return reason
        said = ngettext("%(reason)s (%(count)d try)", "%(reason)s (%(count)d tries)", tries)
        return said % {"reason": reason, "count": tries}


def badge(mail: Mail) -> SafeString:
    """The status of an email, in the colours of the states of accounts."""
    where = standing.of(mail)
    colour = {Standing.SENT: State.ACTIVE, Standing.WAITING: State.INVITED, Standing.FAILED: State.LOCKED}[where]
    return format_html('<span class="state-badge state-{}">{}</span>', colour, where.label)


def retry(request: HttpRequest, mails: list[Mail]) -> None:
    """Queue these emails once more, and say so; raises `PermissionDenied`."""
    if not request.user.has_perm(RETRY):
        raise PermissionDenied
    count = queue.again(mails, using=router.db_for_write(Mail))
    said = ngettext("%(count)d email is sent again.", "%(count)d emails are sent again.", count)
    messages.success(request, said % {"count": count})
