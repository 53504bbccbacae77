"""Functions in processes of their own, with Django set up: for memory, for parallel work, for a peer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

# A function's module and name, and its arguments in JSON, as what it returns is.
CHILD = """
import importlib, json, sys, django
django.setup()
module, name, *arguments = sys.argv[1:]
outcome = getattr(importlib.import_module(module), name)(*map(json.loads, arguments))
if outcome is not None:
    print(json.dumps(outcome))
"""


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """
    What the function returns in a process of its own, which ends with it.

    Raises `CalledProcessError` where it fails. A process's peak memory is at least that of the one that starts it, so
    who measures it puts the other work apart too.
    """
    child = subprocess.run(_command(function, *arguments), stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(child.stdout or "null")


class Worker:
    """A process that does one task after another, each by its name, as `obey` does them."""

    def __init__(
        self,
        function: Callable[..., None],
        *arguments: Any,
        running: ExitStack,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        process = subprocess.Popen(
            _command(function, *arguments),
            env=os.environ | dict(environment or {}),
            cwd=folder,  # from which it imports
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.enter_context(process)
        self.told, self.tells = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)

    def start(self, task: str) -> None:
        """Tell it to begin."""
        self.told.write(f"{task}\n")
        self.told.flush()

    def wait(self) -> Any:
        """What the task came to, when it is through; raises `RuntimeError` where it failed."""
        answer = self.tells.readline()
        if not answer:
            raise RuntimeError("a worker failed")
        return json.loads(answer)

    def do(self, task: str) -> Any:
        """What a task comes to."""
        self.start(task)
        return self.wait()


def obey(tasks: Mapping[str, Callable[[], Any]]) -> None:
    """Do the tasks that standard input names, and answer each with what it returns, until there are no more."""
    for line in sys.stdin:
        print(json.dumps(tasks[line.strip()]()), flush=True)


def _command(function: Callable[..., Any], *arguments: Any) -> list[str]:
    return [sys.executable, "-c", CHILD, function.__module__, function.__name__, *map(json.dumps, arguments)]
