"""A file that is rotated by size, for a collector that follows it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from audit.integrity.kept.on_disk import fsync_folder
from audit.stream.exceptions import TargetIsWrong, TargetUnavailable
from audit.stream.formats import Format
from audit.stream.targets.event import TAKEN, Event, Receipt
from users.input.text import is_storable

LARGEST, KEPT = 100 * 1024 * 1024, 10


class File:
    """
    Appends lines to a file. They count as taken when they are on disk.

    When it has reached its largest size, it becomes `name.1`, the one before `name.2`, and so on. A line is never
    divided. A line that a crash has left unfinished is removed, because it is delivered again.

    Others may rotate it too: if it was renamed, removed or emptied since the last lines, it is opened anew. Only one
    process writes to it. One that was stopped for long and goes on would write over what another has written meanwhile.
    """

    def __init__(self, path: Path, form: Format, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        self._path, self._heading, self._largest, self._kept = path, form.heading, largest, kept
        self._open: BinaryIO | None = None

    def deliver(self, events: Sequence[Event]) -> Iterator[Receipt]:
        try:
            if self._open and not self._is_in_place(self._open):
                self.close()
            for event in events:
                self._write(event.line)
            if self._open:
                self._open.flush()
                os.fsync(self._open.fileno())
        except OSError as error:
            self.close()
            raise TargetUnavailable(f"{self._path}: {error}") from error
        yield from (TAKEN for _ in events)

    def close(self) -> None:
        file, self._open = self._open, None
        if file:
            with suppress(OSError):  # a full disk; lines that are not on it were not taken
                file.close()

    def _write(self, line: str) -> None:
        data = f"{line}\n".encode()
        file = self._open or self._opened()
        if file.tell() and file.tell() + len(data) > self._largest:
            file = self._rotated(file)
        if not file.tell() and self._heading:
            file.write(f"{self._heading}\n".encode())
        file.write(data)

    def _opened(self) -> BinaryIO:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except IsADirectoryError as error:
            raise TargetIsWrong(f"{self._path} is no file") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise TargetIsWrong(f"{self._path} is no file")
        self._open = os.fdopen(descriptor, "r+b")
        try:
            flock(self._open, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise OSError("another process writes to this file") from error
        fsync_folder(self._path.parent)  # a new name would not outlive a power cut, and its lines with it
        self._open.truncate(_end_of_last_line(self._open))
        self._open.seek(0, os.SEEK_END)
        return self._open

    def _is_in_place(self, file: BinaryIO) -> bool:
        """Whether the path still leads to this file, and nobody has emptied it."""
        here = os.fstat(file.fileno())
        try:
            return os.path.samestat(here, self._path.stat()) and here.st_size >= file.tell()
        except FileNotFoundError:
            return False

    def _rotated(self, file: BinaryIO) -> BinaryIO:
        file.flush()
        os.fsync(file.fileno())
        self.close()
        numbers = range(1, self._kept)
        # A crash in the middle leaves a gap, up to which files move. Moving all would remove one too many.
        free = next((number for number in numbers if not _numbered(self._path, number).exists()), self._kept)
        for number in range(free - 1, 0, -1):
            _numbered(self._path, number).replace(_numbered(self._path, number + 1))
        self._path.replace(_numbered(self._path, 1))
        return self._opened()


def at(address: str, form: Format) -> File:
    """Return the file `file:/path?max_bytes=…&backups=…`."""
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = Path(unquote(parts.path))
    if parts.netloc or not path.is_absolute() or not is_storable(str(path)):
        raise TargetIsWrong(f"{address!r} is not like file:/var/log/accounts.jsonl")
    if "#" in address:
        raise TargetIsWrong(f"{address!r}: write # as %23 where it belongs to the name, as in file:/var/log/a%23b")
    try:
        largest, kept = int(options.pop("max_bytes", LARGEST)), int(options.pop("backups", KEPT))
    except ValueError as error:
        raise TargetIsWrong(f"{address!r}: max_bytes and backups are whole numbers") from error
    if options or largest < 1 or kept < 1:
        raise TargetIsWrong(f"{address!r}: only max_bytes and backups can be set, both at least 1")
    return File(path, form, largest=largest, kept=kept)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _end_of_last_line(file: BinaryIO) -> int:
    """Return where the last whole line ends. With line breaks in CSV it may end inside a record, which is repeated."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65536)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
