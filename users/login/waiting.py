"""The response to a client that has to wait. It needs none of our URLs and no context processor."""

from __future__ import annotations

from math import ceil

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

TOO_MANY_REQUESTS = 429


def too_many_logins(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the response to an address with too many failed logins."""
    text = ngettext(
        "There were too many failed logins from your address. Try again in %(minutes)d minute.",
        "There were too many failed logins from your address. Try again in %(minutes)d minutes.",
        ceil(seconds / 60),
    )
    return _answer(request, _("Too many failed logins"), text, seconds)


def too_many_links(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the response to an address that has requested too many emails."""
    text = ngettext(
        "Too many emails were requested from your address. Try again in %(minutes)d minute.",
        "Too many emails were requested from your address. Try again in %(minutes)d minutes.",
        ceil(seconds / 60),
    )
    return _answer(request, _("Too many requests"), text, seconds)


def _answer(request: HttpRequest, title: str, text: str, seconds: int) -> HttpResponse:
    response: HttpResponse
    if request.content_type == "application/json" or not request.accepts("text/html"):
        response = JsonResponse({"detail": title}, status=TOO_MANY_REQUESTS)
    else:
        context = {"title": title, "text": text % {"minutes": ceil(seconds / 60)}}
        page = render_to_string("user_lifecycle/too_many_requests.html", context)
        response = HttpResponse(page, status=TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(seconds)
    add_never_cache_headers(response)
    return response
