"""Receivers with TLS, certified by an authority of the test's own."""

import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any, Self

import pytest
import trustme
from django.core.management import CommandError, call_command
from django.test import override_settings

from audit.models import StreamCursor, UserStateAudit
from audit.stream.targets.event import Event
from audit.stream.targets.syslog import _framed
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

    def __init__(
        self,
        authority: trustme.CA,
        *,
        deaths: int = 0,
        politely: bool = True,
        leaves: Callable[[ssl.SSLSocket], None] | None = None,
    ) -> None:
        self.leaves = [leaves] if leaves else []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        self.deaths, self.politely = deaths, politely
        self.connections: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that not everything arrives at once
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
        if self.leaves:
            self.leaves.pop()(connection)
            return
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


def says_goodbye(connection: ssl.SSLSocket) -> None:
    """End TLS in good order, and wait for the sender to close."""
    connection.settimeout(0)
    with suppress(ssl.SSLError, BlockingIOError):
        connection.unwrap()
    time.sleep(1)


def says_goodbye_and_closes(connection: ssl.SSLSocket) -> None:
    """End TLS in good order, and close."""
    connection.settimeout(0)
    with suppress(ssl.SSLError, BlockingIOError):
        connection.unwrap()
    connection.close()


def ends(connection: ssl.SSLSocket) -> None:
    """End the connection without a word of TLS."""
    socket.socket.shutdown(connection, socket.SHUT_WR)
    time.sleep(1)


@pytest.fixture(params=[False, True], ids=["at once", "after everything was sent"])
def _time_of_the_end(request, monkeypatch) -> None:
    """The end arrives only when the sender waits for it, as where the network takes long."""
    if request.param:
        monkeypatch.setattr("audit.stream.targets.syslog._has_ended", lambda connection: False)


@pytest.mark.usefixtures("_time_of_the_end")
@pytest.mark.parametrize("leaves", [says_goodbye, says_goodbye_and_closes, ends])
def test_what_a_collector_has_not_received_when_it_leaves_is_delivered_again(collector, trusted, pauses, leaves):
    make_user().fsm.lock(by="system", description="x" * 100_000)
    running = collector(leaves=leaves)

    call_command("audit_stream", to=running.address)

    assert len(messages(b"".join(running.connections))) == UserStateAudit.objects.count()
    assert len(pauses) == 1


def test_many_long_events_go_over_several_connections(collector, trusted, monkeypatch):
    monkeypatch.setattr("audit.stream.targets.syslog.LONGEST", 2000)
    for number in range(5):
        make_user(f"user{number}")
    running = collector()

    call_command("audit_stream", to=running.address)

    assert len(running.connections) > 2
    assert len(messages(b"".join(running.connections))) == UserStateAudit.objects.count()


def test_a_time_that_nobody_can_read_is_left_out_of_the_header():
    row = UserStateAudit()
    vars(row)["datetime"] = None
    (_, _, rest) = _framed(Event("changes-1-abc", row, "{}")).partition(b" ")

    assert rest.startswith(b"<109>1 - ")


def test_without_readable_certificates_a_stream_does_not_begin(settings):
    settings.AUDIT_STREAM_CA_FILE = "/no/such/file"

    with pytest.raises(CommandError, match="AUDIT_STREAM_CA_FILE"):
        call_command("audit_stream", to="syslog+tls://localhost:6514")


def test_a_collector_that_nobody_certified_gets_nothing(collector, pauses):
    make_user()
    running = collector()

    with pytest.raises(CommandError, match="CERTIFICATE_VERIFY_FAILED"):
        call_command("audit_stream", to=running.address)

    assert running.connections == []
    assert StreamCursor.objects.get().delivered == 0
