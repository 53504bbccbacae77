"""Receivers with TLS, certified by an authority of the test's own."""

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any, Self

import pytest
import trustme
from django.core.management import CommandError, call_command
from django.test import override_settings

from audit.models import StreamCursor, UserStateAudit
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path) -> Iterator[None]:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with override_settings(AUDIT_STREAM_CA_FILE=str(tmp_path / "ca.pem")):
        yield


class Collector:
    """A syslog collector. `connections` has what each connection brought; the first ones can be made to die."""

    def __init__(self, authority: trustme.CA, *, deaths: int = 0, politely: bool = True) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        self.deaths, self.politely = deaths, politely
        self.connections: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes whoever accepts
        self.listener.close()
        self.thread.join()

    @property
    def address(self) -> str:
        return f"syslog+tls://localhost:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            with suppress(OSError), self.context.wrap_socket(plain, server_side=True) as connection:
                self.take(connection)

    def take(self, connection: ssl.SSLSocket) -> None:
        data = connection.recv(100)
        if self.deaths:
            self.deaths -= 1
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        while more := connection.recv(65536):
            data += more
        self.connections.append(data)
        if self.politely:
            connection.unwrap()


def messages(data: bytes) -> list[str]:
    found = []
    while data:
        length, _, rest = data.partition(b" ")
        found.append(rest[: int(length)].decode())
        data = rest[int(length) :]
    return found


RFC_5424 = re.compile(r"<109>1 \S+Z \S+ user_audit - changes-\d+-\S+ - \ufeff(\{.*\})", re.DOTALL)


@pytest.fixture
def collector(authority) -> Iterator[Callable[..., Collector]]:
    with ExitStack() as running:

        def start(**options: Any) -> Collector:
            return running.enter_context(Collector(authority, **options))

        yield start


@pytest.mark.parametrize("politely", [True, False], ids=["close_notify", "close"])
def test_a_collector_gets_every_record_as_a_message_of_its_own(collector, trusted, politely):
    make_user().fsm.lock(by="system", description="a\nb")
    running = collector(politely=politely)

    call_command("audit_stream", to=running.address)

    (data,) = running.connections
    found = [RFC_5424.fullmatch(message) for message in messages(data)]
    assert len(found) == UserStateAudit.objects.count()
    assert all(found)


def test_events_that_a_collector_had_when_it_died_are_delivered_again(collector, trusted, pauses):
    make_user().fsm.lock(by="system")
    running = collector(deaths=2)

    call_command("audit_stream", to=running.address)

    (data,) = running.connections
    assert len(messages(data)) == UserStateAudit.objects.count()
    assert len(pauses) == 2


def test_a_collector_that_nobody_certified_gets_nothing(collector, pauses):
    make_user()
    running = collector()

    with pytest.raises(CommandError, match="CERTIFICATE_VERIFY_FAILED"):
        call_command("audit_stream", to=running.address)

    assert running.connections == []
    assert StreamCursor.objects.get().delivered == 0
