"""A database that is a network away: a proxy that keeps everything back for a millisecond, in either direction."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread

from django.db import connection

from benchmarks.measuring.processes import Worker, obey

DELAY = 0.001
"""In seconds, each way."""

SOCKET = ".s.PGSQL.5432"
SIZE = 65536


@contextmanager
def away() -> Iterator[None]:
    """Let Django reach its PostgreSQL by the proxy, which runs in a process of its own."""
    options = connection.settings_dict["OPTIONS"]
    server = options["host"]
    with TemporaryDirectory() as folder, ExitStack() as running:
        Worker(serve, str(Path(folder, SOCKET)), str(Path(server, SOCKET)), running=running).do("nothing")
        connection.close()
        options["host"] = folder
        try:
            yield
        finally:
            options["host"] = server
            connection.close()


def serve(listens: str, server: str) -> None:
    """Be the proxy, until standard input ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(listens)
    listener.listen()
    Thread(target=_accept, args=(listener, server), daemon=True).start()
    obey({"nothing": lambda: None})


def _accept(listener: socket.socket, server: str) -> None:
    while True:
        client, _ = listener.accept()
        beyond = socket.socket(socket.AF_UNIX)
        beyond.connect(server)
        for source, target in ((client, beyond), (beyond, client)):
            under_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
            Thread(target=_take, args=(source, under_way), daemon=True).start()
            Thread(target=_deliver, args=(under_way, target), daemon=True).start()


def _take(source: socket.socket, under_way: SimpleQueue[tuple[float, bytes]]) -> None:
    data = b"-"
    while data:
        data = source.recv(SIZE)
        under_way.put((time.perf_counter() + DELAY, data))


def _deliver(under_way: SimpleQueue[tuple[float, bytes]], target: socket.socket) -> None:
    while True:
        due, data = under_way.get()
        if not data:
            target.shutdown(socket.SHUT_WR)
            return
        time.sleep(max(0.0, due - time.perf_counter()))
        target.sendall(data)
