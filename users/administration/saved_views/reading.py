"""Reads a saved view for somebody at this moment, exactly as the list itself would show it to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin.templatetags.admin_list import items_for_result, result_headers
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.html import strip_tags
from django.utils.text import Truncator

from users.administration.saved_views import choosing
from users.exceptions import MailNotComposed
from users.lists import Unread
from users.lists.parameters import FAILURES
from users.models import SavedView

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

SHOWN = 20
"""The number of rows in an email."""

LONGEST_ROW = 300
"""The maximum length of a row in an email, in characters."""

BEGINNING = re.compile(r"(?<=<details class=.long.>)<summary>.*?</summary>", re.DOTALL)
"""The beginning of a long text in a list. The whole text follows it there."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The rows of a list as text."""

    count: int
    rows: list[tuple[str, str]]
    """The first column and the others, of the first `SHOWN` rows."""


def read(view: SavedView, user: User) -> ChangeList:
    """
    Return the list that this person sees of the view now.

    Raises `MailNotComposed`, with the reason, if they may not see it, or if the list cannot read it any more.
    """
    model_admin, request = choosing.list_of(view.page), request_of(view, user)
    if not (view.shared or view.owner_id == user.pk):
        raise MailNotComposed("the view is no longer shared")
    if model_admin is None or not model_admin.admin_site.has_permission(request):
        raise MailNotComposed("the account may no longer use the admin, or the list is gone")
    if not model_admin.has_view_permission(request):
        raise MailNotComposed("the account may no longer see this list")
    try:
        changelist = model_admin.get_changelist_instance(request)
    except (Unread, PermissionDenied, *FAILURES) as error:
        raise MailNotComposed("the list cannot read this view any more; save it again") from error
    return changelist


def contents(changelist: ChangeList) -> Contents:
    """Return the first rows of a list as text."""
    changelist.list_display = [each for each in changelist.list_display if each != "action_checkbox"]
    rows = [_row(changelist, items_for_result(changelist, row, None)) for row in changelist.result_list[:SHOWN]]
    return Contents(changelist.result_count, rows)


def request_of(view: SavedView, user: User) -> HttpRequest:
    """The request with which this person would open the view."""
    request: HttpRequest = RequestFactory().get(choosing.address(view) or "/")
    request.user = user
    return request


def _row(changelist: Any, cells: Iterable[str]) -> tuple[str, str]:
    labels = [str(header["text"]) for header in result_headers(changelist)]
    first, *others = (_text(cell) for cell in cells)
    told = [f"{label}: {text}" for label, text in zip(labels[1:], others, strict=False) if text not in ("", "-")]
    return first, Truncator("; ".join(told)).chars(LONGEST_ROW)


def _text(cell: str) -> str:
    whole = BEGINNING.sub("", cell)
    return " ".join(strip_tags(whole.replace("<br>", " ").replace("<small", " <small")).split())
