"""Requests that can be made of any header; Django's own raise where no middleware is asked yet."""

from __future__ import annotations

from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

UNREADABLE = "unreadable"


class _AnyContentType(HttpRequest):
    """Where Content-Type cannot be read, `WellFormedRequestMiddleware` finds an encoding that nobody has."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # the stubs leave it out
        except ValueError:  # of a parameter in the form of RFC 2231 whose encoding Python does not know
            self.content_type, self.content_params = "", {"charset": UNREADABLE}


class AnyWSGIRequest(_AnyContentType, WSGIRequest):
    """What a WSGI server hands over."""


class AnyASGIRequest(_AnyContentType, ASGIRequest):
    """What an ASGI server hands over."""
