"""A PostgreSQL connection that is cut in the middle of COMMIT, as by a network or a server that goes away."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from django.db import connections

SOCKET = ".s.PGSQL.5432"
SIZE = 65536


class Proxy:
    """Passes everything on between Django and the server, until it is told to cut at the next COMMIT."""

    def __init__(self, server: Path) -> None:
        self.server = server
        self.deliver: bool | None = None
        """Whether the server is to get the COMMIT whose answer is lost; None while nothing is to be cut."""

        self.cuts = 0

        self.turns = 0
        """How often the server was waited for: a connection sent something after it had been answered."""

    def cut_at_commit(self, *, deliver: bool) -> None:
        self.deliver = deliver

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                client, _ = listener.accept()
                Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        cut, answered = Event(), Event()
        answered.set()
        with suppress(OSError), client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self.server))
            Thread(target=self._answer, args=(server, client, cut, answered), daemon=True).start()
            while data := client.recv(SIZE):
                self.turns += answered.is_set()
                answered.clear()
                if self.deliver is not None and b"COMMIT" in data:
                    cut.set()
                    self.cuts += 1
                    deliver, self.deliver = self.deliver, None
                    if not deliver:
                        break
                server.sendall(data)  # the rest of a pipeline too, for whose end the server waits before it answers
            _hang_up(client, server)

    def _answer(self, server: socket.socket, client: socket.socket, cut: Event, answered: Event) -> None:
        with suppress(OSError):
            while data := server.recv(SIZE):
                answered.set()
                if not cut.is_set():
                    client.sendall(data)
                elif b"COMMIT" in data:
                    _hang_up(client, server)


def _hang_up(*ends: socket.socket) -> None:
    """Wake whoever waits for these connections, which closing alone would not do."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cuttable(using: str = "default") -> Iterator[Proxy]:
    """Let Django reach the server of the test run by a proxy, which the test tells when to cut."""
    settings = connections[using].settings_dict
    direct = settings["OPTIONS"]["host"]
    # A path of its own: that of a test's folder may be too long for a socket.
    with TemporaryDirectory() as folder, closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(Path(folder, SOCKET)))
        listener.listen()
        proxy = Proxy(Path(direct, SOCKET))
        Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        connections[using].close()
        settings["OPTIONS"]["host"] = folder
        try:
            yield proxy
        finally:
            settings["OPTIONS"]["host"] = direct
            connections[using].close()
