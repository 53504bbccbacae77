"""The current request, kept by django-crequest; the only module that knows it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TypeVar

from crequest.middleware import CrequestMiddleware
from django.http import HttpRequest

T = TypeVar("T")

_request: ContextVar[HttpRequest | None] = ContextVar("audit.middleware.request", default=None)


class RequestContextMiddleware(CrequestMiddleware):  # type: ignore[misc]
    """
    django-crequest's middleware, whose storage follows the context and not the thread.

    So `get_request()` is right under WSGI and ASGI, in async views, in `asyncio.to_thread` and `sync_to_async`, and in
    threads started within a copy of the context (`contextvars.copy_context().run`).
    """

    @classmethod
    def get_request(cls, default: T | None = None) -> HttpRequest | T | None:
        """The request being answered, or `default` outside of one."""
        return _request.get() or default

    @classmethod
    def set_request(cls, request: HttpRequest) -> None:
        """Keep the request until `del_request`."""
        _request.set(request)

    @classmethod
    def del_request(cls) -> None:
        """Let go of the request."""
        _request.set(None)
