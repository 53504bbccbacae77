"""What people see and change of their own account."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """My account: its state, and what I can do about it."""
    return render(request, "users/account.html", {"title": _("Your account")})


class PasswordChangeView(SuccessMessageMixin, auth.PasswordChangeView):  # type: ignore[type-arg]  # generic in the stubs only
    """Django's, which leads back to my account."""

    template_name = "users/password_change.html"
    success_url = reverse_lazy("account")
    success_message = _("Your password has been changed.")
