"""The page behind the link in the email about a lock."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from users.login import unlock_link

GONE = 410


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
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
        return redirect("login")
    return render(request, "user_lifecycle/unlock_gone.html", {"title": _("This link is no longer valid")}, status=GONE)
