"""Middleware that finds the logged-in user, and makes addresses with too many failed logins wait."""

from __future__ import annotations

import logging
from functools import cache, partial
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject
from django.views.defaults import permission_denied

from users import sessions
from users.conf import conf
from users.exceptions import MailboxTaken
from users.login import address_limit, known_devices, this_request
from users.login.answers import mailbox_taken, too_many_logins

logger = logging.getLogger("users.login")


class LoginSessionMiddleware(AuthenticationMiddleware):
    """
    Replaces Django's `AuthenticationMiddleware`. An ended session is not logged in.

    It makes no query in a request that does not ask for the user, and none more than Django's in a request that does.
    After the view and its transaction, it completes what the logins of the request have left to do.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        user_of = cache(partial(sessions.user_of, request))
        request.user = SimpleLazyObject(user_of)  # type: ignore[assignment]
        request.auser = sync_to_async(user_of)
        sessions.follow(request)
        this_request.begin(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        logins = this_request.current()
        if logins is None:
            return response
        while logins.to_commit:
            logins.to_commit.pop(0)()
        this_request.end()
        if logins.logged_in is not None:
            sessions.note_expiry(request)
            known_devices.remember(request, response, logins.logged_in)
        return too_many_logins(request, logins.wait) if logins.wait is not None else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """
        Answer for views that do not know that the address of another account is refused, and for those that go on as if
        somebody were logged in whose account was closed in between, such as between two steps of a login.
        """
        if isinstance(exception, MailboxTaken):
            return mailbox_taken(request)
        logins = this_request.current()
        if logins is None or not logins.turned_away:
            return None
        logger.info("a view failed after a login to a closed account", exc_info=exception)
        return permission_denied(request, exception)


class AddressLimitMiddleware(MiddlewareMixin):
    """
    Answers 429 to logins from an address that has had too many failed ones; see `users.login.address_limit`.

    It stops logins at `USERS_LOGIN_URLS` before the view. `LoginSessionMiddleware` gives the same answer to failed
    logins at other URLs, and to simultaneous ones that exceed the limit.
    """

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if request.method != "POST" or match is None or {match.view_name, match.route}.isdisjoint(conf.login_urls):
            return None
        seconds = address_limit.retry_after(request)
        return None if seconds is None else too_many_logins(request, seconds)
