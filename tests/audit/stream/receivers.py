"""Receivers that answer as they are told: late, twice, never, with an error, or not after they have died."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self

from standardwebhooks.webhooks import Webhook


class Answer(NamedTuple):
    """What a receiver does with an event, and whether it keeps it."""

    keeps: bool
    give: Callable[[Any], None]


def with_status(status: int, **headers: str) -> Answer:
    """Answer with this status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return Answer(200 <= status < 300, answer)


def after_hints(*statuses: int, then: Answer) -> Answer:
    """Say first, by these statuses, that an answer will follow."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        for status in statuses:
            handler.send_response_only(status)
            handler.send_header("Retry-After", "3600")
            handler.end_headers()
        then.give(handler)

    return Answer(then.keeps, answer)


def _die(handler: BaseHTTPRequestHandler) -> None:
    """Reset the connection, as the kernel does for a process that died."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def _answer_twice(handler: BaseHTTPRequestHandler) -> None:
    with_status(204).give(handler)
    with_status(204).give(handler)


def _be_silent(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.rfile.read(1)  # until the sender gives up


def _drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a header that never ends, each byte in time."""
    handler.send_response(204)
    handler.flush_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.02)


def _stop_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection within the first line of the answer."""
    handler.wfile.write(b"HTTP/1.1 20")
    handler.close_connection = True


def with_text(status: int, text: bytes) -> Answer:
    """Answer with this status and this text."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    return Answer(200 <= status < 300, answer)


def _answer_in_chunks(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"2\r\nok\r\n0\r\nX-Trailer: after all\r\n\r\n")


def _answer_as_of_old(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nok")
    handler.close_connection = True


in_chunks = Answer(keeps=True, give=_answer_in_chunks)
as_of_old = Answer(keeps=True, give=_answer_as_of_old)
twice = Answer(keeps=True, give=_answer_twice)
dead = Answer(keeps=False, give=_die)
dead_after_keeping = Answer(keeps=True, give=_die)
silent = Answer(keeps=False, give=_be_silent)
dripping = Answer(keeps=False, give=_drip)
broken = Answer(keeps=False, give=_stop_in_the_middle)


class Receiver:
    """An HTTP server on this machine; `received` are the ids and bodies of what it took, verified, in order."""

    def __init__(self, secret: str) -> None:
        self.received: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.answers: list[Answer] = []
        """The next answers; without one, 204."""

        self.signer = Webhook(secret)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/events"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.asked.append(self.headers["webhook-id"])
                answer = receiver.answers.pop(0) if receiver.answers else with_status(204)
                receiver.signer.verify(body, dict(self.headers), json_parse=False)
                if answer.keeps:
                    receiver.received.append((self.headers["webhook-id"], body))
                answer.give(self)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

            def finish(self) -> None:
                try:
                    super().finish()
                except (OSError, ValueError):
                    return

        return Handler
