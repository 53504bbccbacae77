"""
The option `--database`, which decides the database of a test run.

A plugin, because it has to act before Django is set up.
"""

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.servers import postgres

# Held for the whole run, and let go when the process ends.
_run = ExitStack()
atexit.register(_run.close)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="the database that the tests run on; a PostgreSQL server is started for the run (default: %(default)s)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # One database server a run: the workers of xdist find the URL in the environment that they inherit.
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    database = {"sqlite": sqlite_file, "postgresql": postgres.server}[early_config.known_args_namespace.database]
    os.environ["DATABASE_URL"] = _run.enter_context(database())


@contextmanager
def sqlite_file() -> Iterator[str]:
    """Give the URL of an SQLite file in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sqlite-") as folder:
        yield f"sqlite:///{Path(folder) / 'db.sqlite3'}"


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('database')}"
