"""Deletion on Django's pages asks for a reason, which becomes part of the record of the death."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from users import lifecycle
from users.administration.forms import OwnReasonForm

CONFIRMED = "post"
"""The form field by which Django's pages tell a confirmed deletion from one that asks."""


def with_reason(request: HttpRequest, delete: Callable[[], HttpResponse | None]) -> HttpResponse | None:
    """Call Django's view or action, with the reason that was given. Without a reason it shows its page again."""
    form = OwnReasonForm(request.POST if request.POST.get(CONFIRMED) else None)
    if form.is_bound and not form.is_valid():
        request.POST = QueryDict()  # Django asks when nothing is confirmed
    reason = form.cleaned_data["reason"] if form.is_bound and form.is_valid() else None
    with lifecycle.ending(description=reason):
        response = delete()
    if isinstance(response, TemplateResponse):
        response.context_data = {**(response.context_data or {}), "deletion": form}
    return response
