"""Links to further pages."""

from __future__ import annotations

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

DEFAULT, MOST = 100, 500


def limit_of(request: Request) -> int:
    """Return the number of results per page that the request wants."""
    text = request.query_params.get("limit", str(DEFAULT))
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(MOST)) + 1 and 1 <= int(text) <= MOST):
        raise ValidationError({"limit": [f"This is not a number from 1 to {MOST}."]})
    return int(text)


def link(request: Request, **parameters: str) -> str:
    """The URL of this request with other parameters."""
    query = request.query_params.copy()
    for name, value in parameters.items():
        query[name] = value
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
