from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

NUL = "\x00"


class WellFormedRequestMiddleware(MiddlewareMixin):
    """
    Answers 400 to what no browser sends, before any code has to know of it.

    A form in another encoding than UTF-8: Python knows some that bring lone surrogates, which neither a password hasher
    nor a database takes, and some that cannot read a form at all. NUL in the path, the query or a cookie: PostgreSQL
    compares nothing with it. (In a form NUL is the fields' own to refuse.)
    """

    def process_request(self, request: HttpRequest) -> None:
        """Raise `BadRequest`, which Django answers with 400, for such a request."""
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() != "utf-8":
            raise BadRequest("forms are read as UTF-8")
        query = request.META.get("QUERY_STRING", "")
        if NUL in request.path_info or NUL in query or "%00" in query:
            raise BadRequest("NUL in the address")
        if any(NUL in text for cookie in request.COOKIES.items() for text in cookie):
            raise BadRequest("NUL in a cookie")
