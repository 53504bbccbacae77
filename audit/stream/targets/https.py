"""
A receiver of webhooks: one request for each event, signed as Standard Webhooks says.

Several secrets sign beside each other while one replaces another. The header `webhook-id` belongs to the event and to
its text, so that the receiver recognises one that is delivered twice. Only an answer of 2xx to the request itself
counts as taken.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import SplitResult

from django.utils import timezone
from django.utils.http import parse_http_date_safe
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from audit.conf import conf
from audit.stream.exceptions import TargetIsWrong, TargetUnavailable
from audit.stream.formats import Format
from audit.stream.targets.deadline import deadline
from audit.stream.targets.event import TAKEN, Event, Receipt
from audit.stream.targets.url import parsed

TIMEOUT = 30
"""The longest silence of a receiver in seconds."""

LATER = {408, 425, 429}
"""Refusals that are temporary: a timeout, too early, too many requests."""

LONGEST_ANSWER = 200

_PRINTABLE, _WORD = re.compile("[!-~]*"), re.compile("[ -~]*")
"""The signs of ASCII that a URL can have, and those that a header can have."""


class FinalResponse(HTTPResponse):
    """An answer without the hints (1xx) before it. The standard library passes over 100 alone."""

    def begin(self) -> None:
        super().begin()
        while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = None  # type: ignore[assignment]  # `begin` expects that nothing has been read
            super().begin()


class Https:
    """
    Posts events, one after the other, so that a slow receiver slows the stream down and order holds.

    Each event has a connection of its own. On a reused connection, data that a receiver sends after its answer would be
    taken for the answer to the next event, which would be lost.
    """

    def __init__(
        self, url: SplitResult, form: Format, signers: Sequence[Webhook], context: ssl.SSLContext | None
    ) -> None:
        self._url, self._form, self._signers, self._context = url, form, signers, context

    def deliver(self, events: Sequence[Event]) -> Iterator[Receipt]:
        for event in events:
            try:
                yield self._post(event)
            except (OSError, HTTPException) as error:  # errors of TLS are OSErrors too
                raise TargetUnavailable(f"{self._url.netloc}: {str(error) or type(error).__name__}") from error

    def close(self) -> None:
        """Do nothing: no connection stays open between events."""

    def _post(self, event: Event) -> Receipt:
        path = f"{self._url.path or '/'}{'?' if self._url.query else ''}{self._url.query}"
        with closing(self._connection()) as connection, deadline(connection.sock):
            if isinstance(connection.sock, ssl.SSLSocket):
                connection.sock.do_handshake()
            connection.request("POST", path, event.line.encode(), self._headers(event))
            response = connection.getresponse()
            text = response.read(LONGEST_ANSWER).decode(errors="replace")
        return _receipt(response, text)

    def _headers(self, event: Event) -> dict[str, str]:
        now, identity = timezone.now(), message_id(event)
        headers = {
            "Connection": "close",
            "Content-Type": self._form.media_type,
            "User-Agent": "audit-stream",
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(each.sign(identity, now, event.line) for each in self._signers),
        }
        return headers | ({"Authorization": word} if (word := _authorization()) else {})

    def _connection(self) -> HTTPConnection:
        """Return a connection without its handshake, which takes place within the deadline."""
        host, kind = str(self._url.hostname), HTTPConnection if self._context is None else HTTPSConnection
        # With a port: without one, the end of an IPv6 address would be taken for it.
        connection = kind(host, self._url.port or kind.default_port)
        connection.response_class = FinalResponse
        plain = socket.create_connection((host, connection.port), timeout=TIMEOUT)
        if self._context is None:
            connection.sock = plain
        else:
            connection.sock = self._context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        return connection


def message_id(event: Event) -> str:
    """
    Return the id of this text of an event, the same at each delivery.

    After an erasure and in another format an event has another text. A receiver that remembers ids would drop it, and
    keep the personal data that it has.
    """
    return f"{event.id}-{sha256(event.line.encode()).hexdigest()[:12]}"


def at(address: str, form: Format) -> Https:
    """Return the receiver with this URL. Without TLS only one on this machine is allowed."""
    url = parsed(address)
    if url is None or url.username or (url.scheme == "http" and not _is_loopback(str(url.hostname))):
        raise TargetIsWrong(f"{address!r} is not like https://siem.example.com/events, without a user")
    if not _PRINTABLE.fullmatch(f"{url.path}{url.query}") or " " in url.netloc:
        raise TargetIsWrong(f"{address!r} has signs that must be written as %20 and the like")
    if not _WORD.fullmatch(_authorization()):
        raise TargetIsWrong("AUDIT_STREAM_AUTHORIZATION has signs that no header can have")
    try:
        signers = [Webhook(secret) for secret in conf.stream_webhook_secret.split() or [""]]
        return Https(url, form, signers, tls() if url.scheme == "https" else None)
    except (EmptyWebhookSecretError, ValueError) as error:
        raise TargetIsWrong("AUDIT_STREAM_WEBHOOK_SECRET is not like whsec_ and 24 to 64 bytes in Base64") from error


def _authorization() -> str:
    return conf.stream_authorization.strip()  # a secret from a file often ends with a line break


def tls() -> ssl.SSLContext:
    """Return the context that verifies the receiver, by the system's authorities or by `AUDIT_STREAM_CA_FILE`."""
    try:
        return ssl.create_default_context(cafile=conf.stream_ca_file)
    except OSError as error:
        raise TargetIsWrong(f"AUDIT_STREAM_CA_FILE: {error}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _receipt(response: HTTPResponse, text: str) -> Receipt:
    answer = f"{response.status} {response.reason} {text}".strip()
    if 200 <= response.status < 300:  # noqa: PLR2004 - as HTTP numbers its answers
        return TAKEN
    if 400 <= response.status < 500 and response.status not in LATER:  # noqa: PLR2004
        return Receipt(answer)
    raise TargetUnavailable(answer, _retry_after(response))


def _retry_after(response: HTTPResponse) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    moment = parse_http_date_safe(value)
    return None if moment is None else max(0.0, moment - timezone.now().timestamp())
