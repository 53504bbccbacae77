"""Several processes that do the parts of one work, each on a connection of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from django.db import connections

from audit.exceptions import ProcessKilled

Part = TypeVar("Part")
Result = TypeVar("Result")


def spread(work: Callable[[Part], Result], parts: Sequence[Part], *, jobs: int) -> Iterator[Result]:
    """
    Yield the result of each part, in their order. One job needs no further process.

    Raises what a part raises, and `ProcessKilled` if a process is killed.
    """
    if jobs == 1:
        yield from map(work, parts)
        return
    connections.close_all()  # processes must not share a connection
    try:
        with ProcessPoolExecutor(jobs, get_context("fork"), initializer=_end_with_parent) as processes:
            yield from processes.map(work, parts)
    except BrokenProcessPool as error:
        raise ProcessKilled from error


def _end_with_parent() -> None:
    """Let this process end with the one that started it. If that one is killed, nobody takes the results any more."""
    parent = parent_process()

    def wait() -> None:
        if parent:
            parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()
