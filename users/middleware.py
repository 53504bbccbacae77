"""Who is logged in, asked for when a view wants to know; and who has to wait before trying."""

from __future__ import annotations

from functools import cache, partial
from math import ceil
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from users import conf, sessions
from users.input.address import client_address
from users.login import address_limit

TOO_MANY_REQUESTS = 429


class LoginSessionMiddleware(AuthenticationMiddleware):
    """
    Django's `AuthenticationMiddleware`, in whose place it stands, for which an ended session is nobody's.

    It costs no query in a request that does not ask for the user, and one more than Django's in one that does.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        user_of = cache(partial(sessions.user_of, request))
        request.user = SimpleLazyObject(user_of)  # type: ignore[assignment]
        request.auser = sync_to_async(user_of)


class AddressLimitMiddleware(MiddlewareMixin):
    """Answers 429 to logins from an address that has had too many failed ones; see `users.login.address_limit`."""

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if request.method != "POST" or match is None or match.view_name not in conf.login_urls():
            return None
        seconds = address_limit.retry_after(client_address(request))
        if seconds is None:
            return None
        context = {"title": _("Too many failed logins"), "minutes": ceil(seconds / 60)}
        response = render(request, "user_lifecycle/too_many_logins.html", context, status=TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(seconds)
        add_never_cache_headers(response)
        return response
