"""A standby of the test run's PostgreSQL server, which a test lets fall behind, catch up, or take over."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections

from tests.servers import postgres

ALIAS = "replica"
TIMEOUT = 30  # seconds

Command = list[str | Path]


class Standby:
    """The other server, as Django's database `replica`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, sql: str) -> Any:
        with psycopg.connect(self.url, autocommit=True) as session:
            cursor = session.execute(sql)
            return cursor.fetchone() if cursor.description else None

    def stop_replaying(self) -> None:
        self.catch_up()
        self.run("SELECT pg_wal_replay_pause()")
        self._wait("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def replay(self) -> None:
        self.run("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
            (position,) = cursor.fetchone()
        self._wait(f"SELECT pg_last_wal_replay_lsn() >= '{position}'")

    def disconnect(self) -> None:
        """Let nothing more reach it; what it has received already it would replay before it takes over."""
        self.catch_up()
        self.run("ALTER SYSTEM SET primary_conninfo = ''")
        self.run("SELECT pg_reload_conf()")
        self._wait("SELECT count(*) = 0 FROM pg_stat_wal_receiver")

    def promote(self) -> None:
        self.run("SELECT pg_promote()")
        self._wait("SELECT NOT pg_is_in_recovery()")

    def _wait(self, question: str) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not self.run(question)[0]:
            if time.monotonic() > deadline:
                raise TimeoutError(question)
            time.sleep(0.02)


@contextmanager
def standby() -> Iterator[Standby]:
    """Run a standby of the server that Django's default database is on."""
    primary = Path(connection.settings_dict["OPTIONS"]["host"])
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    binaries, identity = postgres._binaries(folder)
    data, name = folder / "data", connection.settings_dict["NAME"]
    backup: Command = [binaries / "pg_basebackup", "-h", primary, "-U", "postgres", "-D", data, "-R"]
    subprocess.run([*backup, "--checkpoint=fast", "--no-sync"], check=True, capture_output=True, **identity)
    server: Command = ["sh", "-c", postgres.SUPERVISE, folder, binaries / "postgres", "-D", data, "-k", folder]
    process = subprocess.Popen(
        [*server, *postgres.SERVER, "-F", "-c", "max_standby_streaming_delay=1s"],
        stdin=subprocess.PIPE,
        start_new_session=True,
        **identity,
    )
    settings = connection.settings_dict
    with process:
        try:
            postgres._wait_until_ready(f"postgresql://postgres@/{name}?host={folder}", folder / "log")
            connections.settings[ALIAS] = settings | {"OPTIONS": settings["OPTIONS"] | {"host": str(folder)}}
            connections[ALIAS].connect()  # before the test case asks whether the test may: it knows no such alias
            yield Standby(f"postgresql://postgres@/{name}?host={folder}")
        finally:
            if ALIAS in {each.alias for each in connections.all(initialized_only=True)}:
                connections[ALIAS].close()
                del connections[ALIAS]
            connections.settings.pop(ALIAS, None)
    shutil.rmtree(folder, ignore_errors=True)
