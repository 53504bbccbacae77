"""A web server for one test."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

STOP_TIMEOUT = 30  # seconds


@contextmanager
def server(*command: str, environment: Mapping[str, str], backlog: int | None = None) -> Iterator[str]:
    """
    Run a server inside the `with` block and give its URL: a Python module and its arguments.

    `{fd}` in them stands for a socket that listens before the server is there, so no port is guessed; `backlog` says
    how many may wait at it.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listener:
        arguments = [part.format(fd=listener.fileno()) for part in command]
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=environment,
            pass_fds=[listener.fileno()],
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT)
