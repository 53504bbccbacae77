"""
A syslog collector: RFC 5424 over TLS (RFC 5425).

Syslog has no answers. The nearest thing is the end of a TLS connection, which the collector confirms when it has read
everything before. So each batch has a connection of its own, and counts as taken when that connection was closed
properly.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from select import select

from audit.stream.exceptions import TargetIsWrong, TargetUnavailable
from audit.stream.formats import Format
from audit.stream.formats.values import PRODUCT, written
from audit.stream.targets.deadline import deadline
from audit.stream.targets.event import TAKEN, Event, Receipt
from audit.stream.targets.https import tls
from audit.stream.targets.url import parsed

PORT = 6514
TIMEOUT = 30
PRIORITY = 13 * 8 + 5
"""Facility 13, log audit; severity 5, notice."""


class Syslog:
    """Sends each event as one message, with its length in front, as RFC 5425 frames them."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    def deliver(self, events: Sequence[Event]) -> Iterator[Receipt]:
        try:
            self._send(b"".join(_framed(event) for event in events))
        except OSError as error:
            raise TargetUnavailable(f"{self._host}:{self._port}: {str(error) or type(error).__name__}") from error
        yield from (TAKEN for _ in events)

    def close(self) -> None:
        """Do nothing: no connection stays open between batches."""

    def _send(self, data: bytes) -> None:
        with (
            socket.create_connection((self._host, self._port), timeout=TIMEOUT) as plain,
            tls().wrap_socket(plain, server_hostname=self._host, do_handshake_on_connect=False) as connection,
            deadline(connection),
        ):
            connection.do_handshake()
            connection.sendall(data)
            _close_in_good_order(connection)


def _close_in_good_order(connection: ssl.SSLSocket) -> None:
    """Raise `OSError` unless the collector has read everything."""
    if _has_ended(connection):
        raise ConnectionAbortedError("the collector closed the connection before the end")
    try:
        connection.unwrap().close()
    except ssl.SSLEOFError:
        # Some collectors close without an alert. If they had not read everything, it would be a reset, which is another
        # error.
        return


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
    return Syslog(str(url.hostname), url.port or PORT)


def _framed(event: Event) -> bytes:
    moment = written(event.row.datetime)
    host = socket.gethostname()[:255] or "-"
    message = f"<{PRIORITY}>1 {moment} {host} {PRODUCT} - {event.id[:32]} - \ufeff{event.line}".encode()
    return b"%d %b" % (len(message), message)
