"""Pages of lists: each follows the row whose key the cursor names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from users.api.conventions.numbers import number_in

DEFAULT, MOST = 100, 500


def answer(
    request: Request, rows: QuerySet[Any], beyond: str, described: Callable[[Any], dict[str, Any]], **members: Any
) -> Response:
    """
    Return the page of these rows that the request asks for, with the link to the next one.

    The rows are in the order of their keys. `beyond` is the lookup for the rows after a key: `pk__gt` or `pk__lt`.
    `members` are further members of the body. Raises `ValidationError` for a wrong cursor or limit.
    """
    size = limit_of(request)
    if cursor := request.query_params.get("cursor"):
        place = number_in(cursor)
        if place is None:
            raise ValidationError({"cursor": ["This is not a cursor."]})
        rows = rows.filter(**{beyond: place})
    page = list(rows[: size + 1])
    following = link(request, cursor=str(page[size - 1].pk)) if len(page) > size else None
    body = {"next": following, **members, "results": [described(each) for each in page[:size]]}
    return Response(body, headers={"Link": f'<{following}>; rel="next"'} if following else None)


def limit_of(request: Request) -> int:
    """Return the number of results per page that the request wants."""
    limit = number_in(request.query_params.get("limit", str(DEFAULT)))
    if limit is None or not 1 <= limit <= MOST:
        raise ValidationError({"limit": [f"This is not a number from 1 to {MOST}."]})
    return limit


def link(request: Request, **parameters: str) -> str:
    """The URL of this request with other parameters."""
    query = request.query_params.copy()
    for name, value in parameters.items():
        query[name] = value
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
