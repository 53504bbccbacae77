"""What `tests.site.urls` names; whom to lock stands in the path, who locks is the request's user."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import copy_context
from threading import Thread

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from users.models import UserFSM


def lock_account(pk: int) -> None:
    """Lock in this thread."""
    UserFSM.objects.get(user_id=pk).lock()


def lock_account_elsewhere(pk: int) -> None:
    """Lock in a thread that ends, or goes back to its pool, without a connection."""
    try:
        lock_account(pk)
    finally:
        connection.close()


def in_a_thread(pk: int) -> None:
    """Lock in a thread that was started within a copy of the context."""
    thread = Thread(target=copy_context().run, args=(lock_account_elsewhere, pk))
    thread.start()
    thread.join()


SYNC: dict[str, Callable[[int], None]] = {"view": lock_account, "thread": in_a_thread}

ASYNC: dict[str, Callable[[int], Awaitable[None]]] = {
    "sync_to_async": sync_to_async(lock_account),
    "sync_to_async not thread-sensitive": sync_to_async(lock_account_elsewhere, thread_sensitive=False),
    "to_thread": lambda pk: asyncio.to_thread(lock_account_elsewhere, pk),
    "task": lambda pk: asyncio.create_task(asyncio.to_thread(lock_account_elsewhere, pk)),
}


def lock(request: HttpRequest, way: str, pk: int) -> HttpResponseBase:
    """Lock in a view, or in the body of its response."""
    if way == "stream":
        return StreamingHttpResponse(_parts(pk))
    SYNC[way](pk)
    return HttpResponse("locked")


async def lock_async(request: HttpRequest, way: str, pk: int) -> HttpResponseBase:
    """The same in a coroutine."""
    if way == "stream":
        return StreamingHttpResponse(_parts_async(pk))
    await ASYNC[way](pk)
    return HttpResponse("locked")


def lock_and_fail(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock, then fail in a way that no view handles."""
    lock_account(pk)
    raise LookupError(pk)


def _parts(pk: int) -> Iterator[str]:
    yield "about to lock, "
    lock_account(pk)
    yield "locked"


async def _parts_async(pk: int) -> AsyncIterator[str]:
    yield "about to lock, "
    await sync_to_async(lock_account)(pk)
    yield "locked"
