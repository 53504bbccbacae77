"""The current request, from django-crequest. No other module uses that package."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar, cast

from crequest.middleware import CrequestMiddleware
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

T = TypeVar("T")

_request: ContextVar[HttpRequest | None] = ContextVar("audit.middleware.request", default=None)


class RequestContextMiddleware(CrequestMiddleware):  # type: ignore[misc]
    """
    django-crequest's middleware, with a storage that follows the context instead of the thread.

    `get_request()` is therefore correct under WSGI and ASGI, in async views, in `asyncio.to_thread` and
    `sync_to_async`, in threads started in a copy of the context (`contextvars.copy_context().run`), and in the body of
    a streaming response, which is produced after the middleware has finished.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Store the request, and the outer one, which exists if a view uses a test client."""
        request.audit_outer = _request.get()  # type: ignore[attr-defined]
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Forget the request, except while the body of a streaming response is produced."""
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            _keep_while_streaming(request, response)
        return cast("HttpResponseBase", super().process_response(request, response))

    @classmethod
    def get_request(cls, default: T | None = None) -> HttpRequest | T | None:
        """Return the current request, or `default` outside a request."""
        return _request.get() or default

    @classmethod
    def set_request(cls, request: HttpRequest) -> None:
        """Store the request until `del_request`."""
        _request.set(request)

    @classmethod
    def del_request(cls) -> None:
        """Forget the request. The outer one, if any, becomes the current one again."""
        _request.set(getattr(_request.get(), "audit_outer", None))


def _keep_while_streaming(request: HttpRequest, response: StreamingHttpResponse) -> None:
    parts = response.streaming_content
    if isinstance(parts, AsyncIterator):
        response.streaming_content = _streamed_async(request, parts)
    else:
        response.streaming_content = _streamed(request, iter(parts))


def _streamed(request: HttpRequest, parts: Iterator[bytes]) -> Iterator[bytes]:
    # Only while a part is produced: the consumer of the parts has a context of its own.
    while True:
        with _kept(request):
            part = next(parts, None)
        if part is None:
            return
        yield part


async def _streamed_async(request: HttpRequest, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        with _kept(request):
            part = await anext(parts, None)
        if part is None:
            return
        yield part


@contextmanager
def _kept(request: HttpRequest) -> Iterator[None]:
    before = _request.get()
    _request.set(request)
    try:
        yield
    finally:
        _request.set(before)
