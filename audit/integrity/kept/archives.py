"""
Archives: records that were moved out of the database, as compressed JSON lines.

The first line is a header, each further line is a record, and the last one is a signed count and digest. A file without
that last line is incomplete. Records are in order of user and sequence.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import file_digest, sha256
from itertools import chain, groupby
from pathlib import Path
from typing import Any, cast

from audit.exceptions import ArchiveExists, NotGenuine
from audit.integrity.kept.files import DAMAGED, NOT_JSON
from audit.integrity.kept.on_disk import fsync_folder
from audit.integrity.signed.checking import check_records
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.facts import Row, Start, canonical, canonical_moment
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.lines import moments_of, row_of, values_of
from audit.integrity.signed.signing import Verdict, judge, signature

FORMAT = 1
KIND = "records of changes of state"
EVERY = 2000
"""The number of records after which progress is reported."""

COMPRESSION = 6
"""As the command `gzip` has it. The module's own 9 takes more than twice the time for files 1 % smaller."""

BUFFER = 64 * 1024
"""The number of bytes that are compressed at once."""

_encode = json.JSONEncoder(default=str).encode

UNREADABLE = (*DAMAGED, *NOT_JSON)


@dataclass(slots=True)
class Archive:
    """An archive to verify. After `findings` has ended, `records` is the number of records."""

    path: Path
    on_page: Callable[[int], Any] = lambda _: None
    records: int = 0
    digest: SetDigest = field(default_factory=SetDigest, init=False)
    """Over the records that `rows` has given so far."""

    def before(self) -> datetime:
        """The time before which the records were made. Raises `NotGenuine` if the file is not an archive."""
        with gzip.open(self.path, "rt", encoding="ascii") as lines:
            return self._before(lines)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the file and its records. Raises `NotGenuine` if it is not an archive."""
        rows = self.rows()
        try:
            for _, group in groupby(rows, key=lambda row: row.facts.user_id):
                yield from check_records(*_with_start(group))
        except NotGenuine as error:
            if not self.records:
                raise
            yield Finding(Kind.ARCHIVE, str(error))

    def rows(self) -> Iterator[Row]:
        """Yield the records. Raises `NotGenuine` if the file is damaged, incomplete or altered."""
        digest, self.records = SetDigest(), 0
        self.digest = digest
        with gzip.open(self.path, "rt", encoding="ascii") as lines:
            before = self._before(lines)
            objects = self._objects(lines)
            for values in objects:
                if "id" not in values:
                    self._verify_end(values, before, digest)
                    if next(objects, None) is not None:
                        raise NotGenuine(f"{self.path} continues after its last line")
                    return
                row = _row(values)
                digest.add(row.message)
                self.records += 1
                if self.records % EVERY == 0:
                    self.on_page(EVERY)
                yield row
        raise NotGenuine(f"{self.path} ends after {self.records} records, without its last line")

    def lines(self) -> Iterator[tuple[int, str]]:
        """
        Yield the key of each record and its line, as `line_of` makes it. Nothing but the form of the file is checked.

        Raises `NotGenuine` if the file is damaged.
        """
        with gzip.open(self.path, "rt", encoding="ascii") as lines:
            self._before(lines)
            try:
                for line in lines:
                    key = json.loads(line).get("id")
                    if key is not None:
                        yield key, line.rstrip("\n")
            except UNREADABLE as error:
                raise NotGenuine(f"{self.path} is damaged: {error}") from error

    def _before(self, lines: Iterable[str]) -> datetime:
        try:
            head = json.loads(next(iter(lines)))
            if (head["format"], head["kind"]) != (FORMAT, KIND):
                raise ValueError
            return datetime.fromisoformat(head["before"])
        except (*UNREADABLE, StopIteration) as error:
            raise NotGenuine(f"{self.path} is not an archive of records") from error

    def _objects(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        try:
            for line in lines:
                yield dict(json.loads(line))
        except UNREADABLE as error:
            raise NotGenuine(f"{self.path} is damaged after record {self.records}: {error}") from error

    def _verify_end(self, values: dict[str, Any], before: datetime, digest: SetDigest) -> None:
        verdict = judge(_end(before, digest), str(values.get("signature", "")))
        if verdict is Verdict.UNKNOWN_KEY:
            raise NotGenuine(f"the archive {self.path} {verdict.value}")
        if verdict is not Verdict.GENUINE or values.get("count") != digest.count:
            raise NotGenuine(f"the records in {self.path} are not those that were written to it")


def write(path: Path, before: datetime, rows: Iterable[Row]) -> int:
    """
    Write an archive and return the number of its records.

    When this returns, the file is on disk and was read back. Only then it gets its name; before, it is `path` with
    `.partial`. Only the user who runs this can read it. Raises `ArchiveExists` if the file exists, and `NotGenuine` if
    it is not what was written.
    """
    if path.exists():
        raise ArchiveExists(path)
    discard_partial(path)
    try:
        count = _write_to_disk(_partial(path), before, rows)
        _name(_partial(path), path)
    finally:
        discard_partial(path)
    fsync_folder(path.parent)
    return count


def discard_partial(path: Path) -> None:
    """Remove the partial file that a killed run has left."""
    _partial(path).unlink(missing_ok=True)


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def line_of(row: Row) -> str:
    """Return the line of a record in an archive."""
    return _encode({"id": row.id, **values_of(row.facts), "signature": row.signature})


def row_in(line: str) -> Row:
    """Return the record of a line of `Archive.lines`. Raises `NotGenuine` if it is not as `line_of` makes it."""
    return _row(json.loads(line))


def _name(written: Path, path: Path) -> None:
    try:
        path.hardlink_to(written)  # a rename would replace a file that another run has just named
    except FileExistsError as error:
        raise ArchiveExists(path) from error


def _write_to_disk(path: Path, before: datetime, rows: Iterable[Row]) -> int:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        with (
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=COMPRESSION) as compressed,
            io.BufferedWriter(cast("io.RawIOBase", compressed), BUFFER) as buffer,
        ):
            lines = _Lines(buffer)
            count = _write_lines(lines, before, rows)
        file.flush()
        os.fsync(file.fileno())
    if _digest_of(path) != lines.digest.hexdigest():
        raise NotGenuine(f"{path} is not what was written to it")
    return count


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines that are written, and a digest of them."""

    file: io.BufferedWriter[Any]
    digest: Any = field(default_factory=sha256)

    def write(self, line: str) -> None:
        written = line.encode("ascii") + b"\n"
        self.digest.update(written)
        self.file.write(written)


def _digest_of(path: Path) -> str:
    try:
        with gzip.open(path) as written:
            return file_digest(cast("Any", written), "sha256").hexdigest()
    except DAMAGED as error:
        raise NotGenuine(f"{path} is damaged: {error}") from error


def _write_lines(lines: _Lines, before: datetime, rows: Iterable[Row]) -> int:
    digest = SetDigest()
    lines.write(_encode({"format": FORMAT, "kind": KIND, "before": canonical_moment(before)}))
    for row in rows:
        digest.add(row.message)
        lines.write(line_of(row))
    lines.write(_encode({"count": digest.count, "signature": signature(_end(before, digest))}))
    return digest.count


def _end(before: datetime, digest: SetDigest) -> bytes:
    return canonical("archive file", canonical_moment(before), digest.count, digest.hexdigest())


def _row(values: dict[str, Any]) -> Row:
    try:
        row = row_of(values)
        if any(values.get(name) != text for name, text in moments_of(row.facts).items()):
            raise ValueError("a time is not as it was written")
    except UNREADABLE as error:
        raise NotGenuine(f"this is not a record as it was written: {values}") from error
    return row


def _with_start(rows: Iterator[Row]) -> tuple[Iterator[Row], Start]:
    """Return the start of a user's records in this archive. Earlier ones are in an earlier archive."""
    first = next(rows)
    return chain((first,), rows), Start(first.facts.sequence - 1, None)
