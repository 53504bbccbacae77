"""
A syslog collector: RFC 5424 over TLS (RFC 5425).

Syslog has no answers. The nearest thing is the end of a TLS connection, which the collector confirms when it has read
everything before. So each batch has a connection of its own, and counts as taken when that connection was closed
properly. A collector may end it on its own as well, in the middle. Then its system has not acknowledged everything, or
resets the connection.
"""

from __future__ import annotations

import re
import socket
import ssl
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fcntl import ioctl
from select import select
from struct import pack, unpack
from termios import TIOCOUTQ

from audit.stream.exceptions import TargetIsWrong, TargetUnavailable
from audit.stream.formats import Format
from audit.stream.formats.values import PRODUCT, written
from audit.stream.targets.deadline import deadline
from audit.stream.targets.event import TAKEN, Event, Receipt
from audit.stream.targets.https import tls
from audit.stream.targets.url import parsed

PORT = 6514
TIMEOUT = 30
GOODBYE = 5
"""How long a collector may take to close what it has confirmed, in seconds."""

PRIORITY = 13 * 8 + 5
"""Facility 13, log audit; severity 5, notice."""


LONGEST = 256 * 1024
"""The bytes that one connection takes, unless one message alone has more. A slow one has to end within the deadline."""

_UNPRINTABLE = re.compile("[^!-~]")


class Syslog:
    """Sends each event as one message, with its length in front, as RFC 5425 frames them."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._host, self._port, self._context = host, port, context

    def deliver(self, events: Sequence[Event]) -> Iterator[Receipt]:
        for messages in _batches(map(_framed, events)):
            try:
                self._send(b"".join(messages))
            except OSError as error:
                raise TargetUnavailable(f"{self._host}:{self._port}: {str(error) or type(error).__name__}") from error
            yield from (TAKEN for _ in messages)

    def close(self) -> None:
        """Do nothing: no connection stays open between batches."""

    def _send(self, data: bytes) -> None:
        with (
            socket.create_connection((self._host, self._port), timeout=TIMEOUT) as plain,
            self._context.wrap_socket(plain, server_hostname=self._host, do_handshake_on_connect=False) as connection,
            deadline(connection),
        ):
            connection.do_handshake()
            connection.sendall(data)
            _close_in_good_order(connection)


def _close_in_good_order(connection: ssl.SSLSocket) -> None:
    """Raise `OSError` unless the collector has read everything."""
    if _has_ended(connection):
        raise ConnectionAbortedError("the collector closed the connection before the end")
    with suppress(ssl.SSLEOFError):  # some collectors close without an alert
        connection.unwrap()
    if _is_on_its_way(connection):
        raise ConnectionAbortedError("the collector closed the connection before it had received everything")
    socket.socket.shutdown(connection, socket.SHUT_WR)
    connection.settimeout(GOODBYE)
    with suppress(TimeoutError):  # a reset is another error
        socket.socket.recv(connection, 1)


def _is_on_its_way(connection: ssl.SSLSocket) -> bool:
    """Whether the other system has not acknowledged everything. Only Linux tells."""
    if sys.platform != "linux":
        return False
    (unacknowledged,) = unpack("i", ioctl(connection, TIOCOUTQ, pack("i", 0)))
    return bool(unacknowledged)


def _has_ended(connection: ssl.SSLSocket) -> bool:
    """Whether the collector has closed its side. Messages of TLS itself after the handshake are ignored."""
    while select([connection], [], [], 0)[0]:
        connection.setblocking(False)  # noqa: FBT003 - as the standard library has it
        try:
            if not connection.recv(4096):
                return True
        except ssl.SSLWantReadError:
            pass
        finally:
            connection.settimeout(TIMEOUT)
    return False


def at(address: str, form: Format) -> Syslog:
    """Return the collector `syslog+tls://host:port`."""
    url = parsed(address)
    if url is None or url.path.strip("/") or url.query:
        raise TargetIsWrong(f"{address!r} is not like syslog+tls://collector.example.com:{PORT}")
    return Syslog(str(url.hostname), url.port or PORT, tls())


def _batches(messages: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for message in messages:
        if batch and sum(map(len, batch)) + len(message) > LONGEST:
            yield batch
            batch = []
        batch.append(message)
    if batch:
        yield batch


def _framed(event: Event) -> bytes:
    moment = written(event.row.datetime) or "-"
    host = _UNPRINTABLE.sub("-", socket.gethostname())[:255] or "-"
    message = f"<{PRIORITY}>1 {moment} {host} {PRODUCT} - {event.id[:32]} - \ufeff{event.line}".encode()
    return b"%d %b" % (len(message), message)
