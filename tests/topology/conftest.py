from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.topology import bouncer, redis_server
from tests.topology.clusters import Server
from tests.topology.site import manage, python

PEOPLE = """
from tests.factories import make_superuser, make_user
for number in range(8):
    make_user(f"writer{number}")
for name in ("guessed", "locked", "wanderer", "late", "auditor"):
    make_user(name, password="correct horse battery staple")
auditor = make_superuser("root", password="correct horse battery staple")
"""

TABLE: dict[str, dict[str, str]] = {}
"""What was seen, by topology: the table of docs/high-availability.md."""


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that the servers' user may enter."""
    path = Path(tempfile.mkdtemp(prefix="topology-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def servers(folder: Path) -> Iterator[Any]:
    """Starts primaries and standbys, and ends them with the module."""
    with ExitStack() as at_the_end:

        def start(name: str, follows: Server | None = None, **settings: str) -> Server:
            server = Server(name, folder, {} if follows else settings)
            at_the_end.callback(server.kill)
            if follows:
                server.follow(follows, **settings)
            else:
                server.initialise()
            return server

        yield start


@pytest.fixture(scope="session")
def cache(folder: Path) -> Iterator[str]:
    """The URL of a Redis."""
    with redis_server.server(folder) as url:
        yield url


@pytest.fixture(scope="module")
def primary(servers: Any) -> Server:
    """A primary with the tables of the project and some people."""
    name = os.urandom(4).hex()
    server: Server = servers(f"primary-{name}")
    manage(server.url, "migrate", "--verbosity=0")
    python(server.url, PEOPLE)
    return server


@pytest.fixture(scope="module")
def behind(servers: Any, primary: Server) -> Server:
    """A standby that is 4 seconds behind."""
    server: Server = servers(f"behind-{os.urandom(4).hex()}", primary, recovery_min_apply_delay="4s")
    return server


@pytest.fixture
def pooled(primary: Server, folder: Path) -> Iterator[str]:
    """The URL of the primary through PgBouncer."""
    with bouncer.bouncer(primary, folder) as url:
        yield url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of what was seen."""
    if TABLE:
        promises = list(dict.fromkeys(promise for seen in TABLE.values() for promise in seen))
        terminalreporter.write_line("")
        terminalreporter.write_line(f"| | {' | '.join(TABLE)} |")
        terminalreporter.write_line(f"|---|{'---|' * len(TABLE)}")
        for promise in promises:
            terminalreporter.write_line(f"| {promise} | {' | '.join(TABLE[each].get(promise, '') for each in TABLE)} |")
