"""The page after a form was refused because its CSRF token was missing or from an earlier login."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from users.conf import conf
from users.links import pages


@never_cache
def failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """
    `CSRF_FAILURE_VIEW`: explain what has happened, with a link to the page of the form.

    Django's reason, which it has in English only, is in the log: `django.security.csrf`.
    """
    context = {
        "title": _("Nothing was changed"),
        "without_cookie": reason == REASON_NO_CSRF_COOKIE,
        "back": _way_back(request),
    }
    return render(request, "user_lifecycle/csrf_failure.html", context, status=403)


def _way_back(request: HttpRequest) -> str:
    """Return the page of this site with the form. People who are logged in are not sent to the login page."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        came_from = request.get_full_path()
    return pages.after_login() if request.user.is_authenticated and _asks_to_log_in(came_from) else came_from


def _asks_to_log_in(address: str) -> bool:
    try:
        path = urlsplit(address).path.removeprefix(get_script_prefix().rstrip("/"))
        return resolve(path).view_name in conf.login_urls
    except (Resolver404, ValueError):
        return False
