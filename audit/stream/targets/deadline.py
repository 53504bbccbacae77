"""A limit for a whole exchange with a receiver. The timeout of a socket begins anew with every byte that arrives."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Timer

LONGEST = 60.0
"""In seconds; shorter than a cursor is held without being renewed."""


@contextmanager
def deadline(connection: socket.socket) -> Iterator[None]:
    """
    Cut the connection if the block takes longer than `LONGEST`.

    Raises `TimeoutError` then, even where what had arrived looks like a whole answer.
    """
    is_over = Event()

    def cut() -> None:
        is_over.set()
        with suppress(OSError):  # it is closed already
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # below TLS, in whose state another thread reads

    timer = Timer(LONGEST, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if is_over.is_set():
            raise TimeoutError(f"no whole answer within {LONGEST:g} seconds")
