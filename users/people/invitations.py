"""The pages behind an invitation link. Opening the link changes nothing."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import load_backend, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.generic import TemplateView

from users import invitations
from users.backends import StateBackend
from users.exceptions import InvitationNotValid
from users.links import pages
from users.login.answers import too_many_links
from users.login.recovery import link_requests
from users.people.forms import AskAnewForm

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let the person choose a password, and activate the account."""
    try:
        user = invitations.find(token).user
        form = SetPasswordForm(user, request.POST or None)
        if form.is_valid():
            accepted = invitations.accept(token, form.cleaned_data["new_password1"])
            if not _log_in(request, accepted):
                messages.success(request, _("Welcome. Your password is set. You can log in now."))
                return redirect(pages.after())
            messages.success(request, _("Welcome. Your password is set, and you are logged in."))
            return redirect(pages.after_login())
    except InvitationNotValid:
        context = {"title": _("This link is no longer valid")}
        return render(request, "user_lifecycle/invitation_not_valid.html", context, status=HTTPStatus.GONE)
    return render(request, "user_lifecycle/invitation.html", {"title": _("Welcome"), "form": form, "invited": user})


def _log_in(request: HttpRequest, user: User) -> bool:
    """
    Log in the person who has just chosen this account's password, as any other login; return whether that is possible.

    Only by a backend that asks for the state: others would let somebody in who is locked at the next request.
    """
    asking = (path for path in settings.AUTHENTICATION_BACKENDS if isinstance(load_backend(path), StateBackend))
    backend = next(asking, None)
    if backend is None:
        return False
    login(request, user, backend=backend)
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
def ask_anew(request: HttpRequest) -> HttpResponse:
    """Send a new link on request. The answer does not reveal whether the account exists."""
    form = AskAnewForm(request.POST or None)
    if request.method == "POST" and (seconds := link_requests.wait(request)) is not None:
        return too_many_links(request, seconds)
    if form.is_valid():
        invitations.ask_anew(form.cleaned_data["email"])
        return redirect(pages.after("asked_for_invitation"))
    return render(request, "user_lifecycle/invitation_ask.html", {"title": _("New invitation link"), "form": form})


asked = login_not_required(
    TemplateView.as_view(
        template_name="user_lifecycle/invitation_asked.html", extra_context={"title": _("Check your email")}
    )
)
