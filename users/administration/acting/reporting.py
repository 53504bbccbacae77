"""The messages after an operation: how many accounts were changed, which, and how to undo it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users.administration.links import page_url
from users.operations import ALL, Operation
from users.operations.tally import Tally
from users.operations.undoing import opposite_of

REQUEST = "request"
"""The parameter of the list that selects the accounts that one operation changed."""


def report(model_admin: ModelAdmin[Any], request: HttpRequest, operation: Operation, tally: Tally) -> None:
    """Say what was done, with links to these accounts and to the undo where the record knows which they are."""
    if tally.changed:
        done = counted(operation.wording.done, tally.changed)
        messages.success(request, _with_links(done, _links(model_admin, request, operation, tally)))
    if tally.without_way_in:
        messages.warning(request, without_way_in(tally.without_way_in))
    if tally.left_in_all:
        messages.warning(request, _left(tally))


def without_way_in(count: int) -> str:
    """Return a warning of so many accounts that are opened and that nobody can log in to; empty for none."""
    if not count:
        return ""
    text = ngettext(
        "%(count)s account has neither a password nor an email address to which a link to choose one could be sent."
        " Set one of them, or nobody can log in with a password.",
        "%(count)s accounts have neither a password nor an email address to which a link to choose one could be sent."
        " Set one of them for each, or nobody can log in with a password.",
        count,
    )
    return text % {"count": grouped(count)}


def counted(text: Any, number: int) -> str:
    """Return a text of `users.operations.wording` with its number."""
    return str(text % {"number": number, "count": grouped(number)})


def grouped(number: int) -> str:
    """Return the number as people write it."""
    return str(number_format(number, force_grouping=True))


def changed_url(model_admin: ModelAdmin[Any], trace: str) -> str:
    """Return the URL of the list of people whom the operation with this id changed."""
    return f"{page_url(model_admin, 'changelist')}?{urlencode({REQUEST: trace})}"


def _links(model_admin: Any, request: HttpRequest, operation: Operation, tally: Tally) -> list[tuple[str, str]]:
    trace, opposite = model_admin.trace(request), opposite_of(operation.name)
    if not trace or not operation.is_transition:
        return []
    links = [(changed_url(model_admin, trace), _("Show them"))] if tally.changed > 1 else []
    if opposite and ALL[opposite].permitted(request.user):
        parameters = urlencode({"operation": operation.name, REQUEST: trace})
        links.append((f"{page_url(model_admin, 'undo')}?{parameters}", _("Undo")))
    return links


def _with_links(text: str, links: list[tuple[str, str]]) -> SafeString | str:
    if not links:
        return text
    return format_html("{} {}", text, format_html_join(" · ", '<a href="{}">{}</a>', links))


def _left(tally: Tally) -> str:
    reasons = ", ".join(
        _("%(count)s %(reason)s") % {"count": grouped(count), "reason": reason}
        for reason, count in tally.left.most_common()
    )
    text = ngettext(
        "%(count)s account was left as it is: %(reasons)s.",
        "%(count)s accounts were left as they are: %(reasons)s.",
        tally.left_in_all,
    )
    return text % {"count": grouped(tally.left_in_all), "reasons": reasons}
