"""PostgreSQL servers that follow each other, on ports of this machine; `tests.servers.postgres` finds the binaries."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.servers.postgres import INITDB, LOCALE, _binaries

TIMEOUT = 30  # seconds
COMMON = {
    "listen_addresses": "127.0.0.1",
    "wal_level": "logical",
    "hot_standby": "on",
    "max_connections": "100",
    "wal_keep_size": "256MB",
    "log_line_prefix": "%m [%p] ",
}


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def until(true: Callable[[], Any], what: str, timeout: float = TIMEOUT) -> Any:
    """Return the first result that is true; errors of the database count as not yet."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            if result := true():
                return result
        except psycopg.Error:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


@dataclass
class Server:
    """One server: a primary, or a standby of another one."""

    name: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.home = self.folder / self.name
        self.home.mkdir()
        self.binaries, self.identity = _binaries(self.home)
        self.data = self.home / "data"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def initialise(self) -> None:
        """Make an empty database."""
        command: list[str | Path] = [self.binaries / "initdb", "-D", self.data, *INITDB, *LOCALE]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self.identity)
        self.start()

    def follow(self, primary: Server, **settings: str) -> None:
        """Begin as a copy of the primary, and replay what it writes."""
        self.settings |= settings | {"primary_conninfo": f"{primary.url}?application_name={self.name}"}
        backup: list[str | Path] = [self.binaries / "pg_basebackup", "-d", primary.url, "-D", self.data, "-X", "stream"]
        subprocess.run([*backup, "--checkpoint=fast", "--no-sync"], check=True, **self.identity)
        (self.data / "standby.signal").touch()
        self.start()

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement on a new connection, in a transaction of its own."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """End it in good order."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(TIMEOUT)

    def kill(self) -> None:
        """End it as a power cut does: at once, without a checkpoint, and without sending anything to standbys."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(TIMEOUT)

    def promote(self) -> None:
        """Make a primary of it."""
        self.execute("SELECT pg_promote()")
        until(lambda: not self.execute("SELECT pg_is_in_recovery()")[0][0], f"{self.name} is promoted")

    def freeze_sending(self) -> None:
        """Send nothing to standbys any more, as behind a network that is slow."""
        for (pid,) in self.execute("SELECT pid FROM pg_stat_replication"):
            os.kill(pid, signal.SIGSTOP)

    def received(self) -> int:
        """How far it has received, in bytes."""
        return int(self.execute("SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn")[0][0])

    def start(self) -> None:
        """Start it with its data as they are."""
        options = [f"-c{name}={value}" for name, value in (COMMON | self.settings).items()]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-k", self.home, "-p", str(self.port), "-F", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.identity,
            )
        until(lambda: self.execute("SELECT 1"), f"{self.name} is up: {self.home / 'log'}")
