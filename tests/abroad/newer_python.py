"""
`python -m tests.abroad.newer_python 3.12`: print the path of a Python of this version or newer that is installed here.

The oldest of them, for which most packages have wheels. Looks at this one, then at `PATH` and at pyenv's versions.
Prints nothing if there is none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SAYS_ITS_VERSION = "import ensurepip, ssl, sqlite3, sys, venv; print(*sys.version_info[:3])"
"""Fails where the parts are missing that an environment for the tests needs."""

Version = tuple[int, ...]


def found(at_least: Version) -> str | None:
    """Return the path of the oldest Python that is new enough, or None."""
    asked = (path for path in candidates() if not _is_named_older(path, at_least))
    versions = {path: version for path in asked if (version := version_of(path)) and version >= at_least}
    return min(versions, key=lambda path: versions[path], default=None)


def candidates() -> Iterator[str]:
    """Yield the paths of what may be a Python."""
    yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [*map(Path, os.environ.get("PATH", "").split(os.pathsep)), *sorted(pyenv.glob("versions/*/bin"))]
    for folder in folders:
        names = sorted(each.name for each in folder.glob("python3*"))
        yield from (str(folder / name) for name in names if re.fullmatch(r"python3(\.\d+)?", name))


def version_of(path: str) -> Version | None:
    """Return the version of this Python, or None if it does not run or lacks something."""
    try:
        said = subprocess.run([path, "-c", SAYS_ITS_VERSION], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(map(int, said.stdout.split()))


def _is_named_older(path: str, at_least: Version) -> bool:
    _, dot, minor = Path(path).name.partition(".")
    return bool(dot) and minor.isdecimal() and (3, int(minor)) < at_least[:2]


if __name__ == "__main__":
    sys.stdout.write(found(tuple(map(int, sys.argv[1].split(".")))) or "")
