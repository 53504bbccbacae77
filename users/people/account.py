"""The pages of a person's own account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.messages.views import SuccessMessageMixin
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from users import mail, sessions
from users.actors import logged_in_user
from users.exceptions import LastActiveSuperuser, TransitionRefused
from users.links import pages
from users.login import known_devices
from users.people import leaving
from users.people.forms import LeaveForm, PasswordChangeForm


@require_safe
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show people their account: its state, where they are logged in, what they can change."""
    this = sessions.current(request)
    context = {
        "title": _("Your account"),
        "email": mail.address_of(logged_in_user(request)),
        "shown": sessions.shown(logged_in_user(request), this=this),
        "this_session": this,
    }
    return render(request, "user_lifecycle/account.html", context)


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the person's own sessions, possibly the current one."""
    session = get_object_or_404(sessions.open_sessions(logged_in_user(request)), pk=pk)
    sessions.end(session)
    messages.success(request, _("The session has been ended."))
    return redirect(pages.after("account"))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def leave(request: HttpRequest) -> HttpResponse:
    """Deactivate the person's own account, after asking for the password again."""
    form = LeaveForm(request, request.POST or None)
    if form.is_valid():
        try:
            leaving.leave(form.user)
        except LastActiveSuperuser as error:
            form.add_error(None, _("You are %(reason)s. Somebody else must become one first.") % {"reason": error})
        except TransitionRefused:
            return redirect(pages.after())  # somebody else has just closed the account
        else:
            logout(request)
            messages.success(request, _("Your account has been deactivated."))
            return redirect(pages.after())
    return render(request, "user_lifecycle/leave.html", {"title": _("Deactivate your account"), "form": form})


_account_page = lazy(pages.after, str)


class PasswordChangeView(SuccessMessageMixin, auth.PasswordChangeView):  # type: ignore[type-arg]  # generic in the stubs only
    """Django's view, which leads back to the account page."""

    form_class = PasswordChangeForm
    template_name = "user_lifecycle/password_change.html"
    success_url = _account_page("account")
    success_message = _("Your password has been changed.")

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep this browser as a known device, because its session is kept too."""
        with transaction.atomic(using=router.db_for_write(type(form.user), instance=form.user)):
            response = super().form_valid(form)  # with the email about it
        known_devices.note_login(self.request, form.user)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}
