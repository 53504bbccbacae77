"""The page behind the link in the email about a lock."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import TemplateView

from users.links import pages
from users.login.answers import too_many_links
from users.login.recovery import link_requests, lock_mail, unlock_link
from users.people.forms import AskAnewForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
def unlock(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button, and unlock the account when it is pressed. Mail scanners open links but press no buttons."""
    if request.method != "POST":
        fsm = unlock_link.find(token)
        if fsm is not None:
            return render(
                request, "user_lifecycle/unlock.html", {"title": _("Unlock your account"), "account": fsm.user}
            )
    elif unlock_link.use(token) is not None:
        messages.success(request, _("Your account is unlocked. You can log in again."))
        return redirect(pages.after())
    return render(
        request, "user_lifecycle/unlock_gone.html", {"title": _("This link is no longer valid")}, status=HTTPStatus.GONE
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
def ask_anew(request: HttpRequest) -> HttpResponse:
    """Send a new link on request. The answer does not reveal whether the account exists, or is locked."""
    form = AskAnewForm(request.POST or None)
    if request.method == "POST" and (seconds := link_requests.wait(request)) is not None:
        return too_many_links(request, seconds)
    if form.is_valid():
        lock_mail.ask_anew(form.cleaned_data["email"])
        return redirect(pages.after("asked_for_unlock_link"))
    return render(request, "user_lifecycle/unlock_ask.html", {"title": _("New unlock link"), "form": form})


asked = login_not_required(
    TemplateView.as_view(
        template_name="user_lifecycle/unlock_asked.html", extra_context={"title": gettext_lazy("Check your email")}
    )
)
