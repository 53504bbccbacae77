"""A Redis server for one test, on a socket."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = shutil.which("redis-server")

START_TIMEOUT = 30  # seconds


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server inside the `with` block and give its URL; it writes nothing but its socket."""
    socket = folder / "redis.sock"
    command = [str(PROGRAM), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)
        yield f"redis://{socket}"
    finally:
        process.terminate()
        process.wait(timeout=START_TIMEOUT)
