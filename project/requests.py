"""Request classes that accept any header. Those of Django raise an error before any middleware runs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

UNREADABLE = "unreadable"


class _AnyContentType(HttpRequest):
    """Gives an unreadable Content-Type an unknown encoding, which `WellFormedRequestMiddleware` refuses."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # the stubs leave it out
        except (ValueError, BadRequest):  # a parameter as in RFC 2231 with an encoding that Python does not know
            self.content_type, self.content_params = "", {"charset": UNREADABLE}


class AnyWSGIRequest(_AnyContentType, WSGIRequest):
    """A request from a WSGI server."""


class AnyASGIRequest(_AnyContentType, ASGIRequest):
    """A request from an ASGI server."""
