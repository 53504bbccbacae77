"""The pages of the mailbox, for superusers on a developer's machine."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from project import mailbox
from users.lists import unoffered


def notice(request: HttpRequest) -> dict[str, bool]:
    """Context processor: let the header of the admin lead to the mailbox, where there is one."""
    return {"mailbox_is_open": settings.DEBUG}


@require_safe
def emails(request: HttpRequest) -> HttpResponse:
    """List the emails, the newest first."""
    _only_superusers_of_a_developers_machine(request)
    if dropped := unoffered(request):
        return dropped
    context = {**admin.site.each_context(request), "title": _("Mailbox"), "emails": mailbox.newest_first()}
    return render(request, "mailbox/emails.html", context)


@require_safe
def email(request: HttpRequest, number: int) -> HttpResponse:
    """Show an email with its links."""
    _only_superusers_of_a_developers_machine(request)
    found = next((each for each in mailbox.newest_first() if each.number == number), None)
    if found is None:
        raise Http404
    return render(
        request, "mailbox/email.html", {**admin.site.each_context(request), "title": found.subject, "email": found}
    )


def _only_superusers_of_a_developers_machine(request: HttpRequest) -> None:
    if not settings.DEBUG:
        raise Http404
    if not getattr(request.user, "is_superuser", False):
        raise PermissionDenied


urlpatterns = [
    path("", admin.site.admin_view(emails), name="mailbox"),
    path("<int:number>/", admin.site.admin_view(email), name="mailbox_email"),
]
