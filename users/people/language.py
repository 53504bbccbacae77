"""The choice of a language at the foot of each page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.views import i18n

from users.mail import language


@login_not_required
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's `set_language`. It also stores the choice of a logged-in person, for their emails."""
    response = i18n.set_language(request)
    if request.method == "POST" and request.user.is_authenticated:
        language.remember(request.user, request.POST.get("language", ""))
    return response
