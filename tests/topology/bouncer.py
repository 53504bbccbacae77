"""PgBouncer in front of a server, in transaction pooling."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.topology.clusters import Server, free_port, until

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")

CONFIGURATION = """
[databases]
postgres = host=127.0.0.1 port={server} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = 4
unix_socket_dir =
"""


@contextmanager
def bouncer(server: Server, folder: Path) -> Iterator[str]:
    """Run PgBouncer inside the `with` block and give the URL of the database behind it."""
    port = free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(server=server.port, port=port))
    who = {"user": pwd.getpwnam("nobody").pw_uid} if os.geteuid() == 0 else {}  # it does not run as root
    process = subprocess.Popen([str(PROGRAM), "-q", file], stderr=subprocess.DEVNULL, **who)  # type: ignore[call-overload]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        until(lambda: _accepts(url), "PgBouncer is up")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _accepts(url: str) -> bool:
    psycopg.connect(url).close()
    return True
