"""Responses to clients that have to wait or are refused. They need none of our URLs and no context processor."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users.input import mailbox


def too_many_logins(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the response to an address with too many failed logins."""
    text = ngettext(
        "There were too many failed logins from your address. Try again in %(minutes)d minute.",
        "There were too many failed logins from your address. Try again in %(minutes)d minutes.",
        ceil(seconds / 60),
    )
    return _wait(request, _("Too many failed logins"), text, seconds)


def too_many_links(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the response to an address that has requested too many emails."""
    text = ngettext(
        "Too many emails were requested from your address. Try again in %(minutes)d minute.",
        "Too many emails were requested from your address. Try again in %(minutes)d minutes.",
        ceil(seconds / 60),
    )
    return _wait(request, _("Too many requests"), text, seconds)


def mailbox_taken(request: HttpRequest) -> HttpResponse:
    """Return the response to a request that would have given an account the address of another one."""
    return _answer(
        request, str(mailbox.TAKEN), _("Nothing was saved. Go back and use another address."), HTTPStatus.CONFLICT
    )


def _wait(request: HttpRequest, title: str, text: str, seconds: int) -> HttpResponse:
    text %= {"minutes": ceil(seconds / 60)}
    response = _answer(request, title, text, HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(seconds)
    return response


def _answer(request: HttpRequest, title: str, text: str, status: HTTPStatus) -> HttpResponse:
    response: HttpResponse
    if request.content_type == "application/json" or not request.accepts("text/html"):
        response = JsonResponse({"detail": title}, status=status)
    else:
        context = {"title": title, "text": text, "stylesheet": static("user_lifecycle/pages.css")}
        page = render_to_string("user_lifecycle/plain_page.html", context)
        response = HttpResponse(page, status=status)
    add_never_cache_headers(response)
    return response
