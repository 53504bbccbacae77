from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from users.lists import ListAdmin

NUL = "\x00"


class WellFormedRequestMiddleware(MiddlewareMixin):
    """
    Answers 400 to requests that no browser sends, before other code has to deal with them.

    - Forms in an encoding other than UTF-8. Some encodings that Python knows yield lone surrogates, which neither a
      password hasher nor a database accepts, and some cannot decode a form at all.
    - NUL in the path, the query or a cookie, which PostgreSQL cannot compare. Form fields refuse NUL themselves. The
      lists of `users` and `audit` drop a parameter with NUL and say so.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Raise `BadRequest` for such a request; Django answers it with 400."""
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() != "utf-8":
            raise BadRequest("forms are read as UTF-8")
        if NUL in request.path_info:
            raise BadRequest("NUL in the address")
        if any(NUL in text for cookie in request.COOKIES.items() for text in cookie):
            raise BadRequest("NUL in a cookie")

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> None:
        """Raise `BadRequest` for NUL in the query of a page that does not drop it."""
        query = request.META.get("QUERY_STRING", "")
        if (NUL in query or "%00" in query) and not _drops_and_names(request, view):
            raise BadRequest("NUL in the address")


class AdminQueryMiddleware(MiddlewareMixin):
    """
    Answers 400 to addresses of the admin that Django's own code fails at.

    `_to_field` may name a field of the model alone, and a range has two ends. The lists of `users` and `audit` drop
    both and say so.
    """

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> None:
        """Raise `BadRequest` for such an address."""
        model_admin = getattr(view, "model_admin", None)
        if model_admin is None or _drops_and_names(request, view):
            return
        fields = {field.name for field in model_admin.model._meta.concrete_fields}
        for given in (request.GET, request.POST if request.method == "POST" else {}):
            if "_to_field" in given and given["_to_field"] not in fields:
                raise BadRequest("_to_field names no field")
        for name, values in request.GET.lists():
            if name.endswith("__range") and any(value.count(",") != 1 for value in values):
                raise BadRequest("a range has two ends")


def _drops_and_names(request: HttpRequest, view: object) -> bool:
    page = (request.resolver_match and request.resolver_match.url_name) or ""
    return isinstance(getattr(view, "model_admin", None), ListAdmin) and page.endswith("_changelist")
