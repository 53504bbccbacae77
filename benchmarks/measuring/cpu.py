"""The CPU time that a benchmark makes others take: the processes that it has started, and the database server's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import connection

PROCESSES = Path("/proc")
PARENT, TIMES = 1, slice(11, 15)
"""Places in `/proc/*/stat` behind the name: the parent, and the time of a process and of its children that ended."""


class Process(NamedTuple):
    pid: int
    parent: int
    ticks: int


def of_others() -> float:
    """
    Return the CPU time, in user and system mode, of the database server and of all that it and this process started.

    It is 0 where the system does not tell (anything but Linux). `time.process_time` knows that of this process.
    """
    processes = list(_running())
    these = {os.getpid(), _server(processes)}
    while more := {each.pid for each in processes if each.parent in these} - these:
        these |= more
    these.remove(os.getpid())
    return sum(each.ticks for each in processes if each.pid in these) / os.sysconf("SC_CLK_TCK")


def _server(processes: list[Process]) -> int:
    """The process that has started the one behind our connection, or this one where there is no server."""
    if connection.vendor != "postgresql" or connection.connection is None:
        return os.getpid()
    behind = connection.connection.info.backend_pid
    return next((each.parent for each in processes if each.pid == behind), os.getpid())


def _running() -> Iterator[Process]:
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            told = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it has ended
            continue
        fields = told.rpartition(")")[2].split()
        yield Process(int(folder.name), int(fields[PARENT]), sum(map(int, fields[TIMES])))
