"""
Archives: records that have left the database, as compressed JSON lines.

The first line says what the file is, each further one is a record, and the last one is a signed count and digest over
them: without it the file is not whole. Records are in order of user and sequence.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Any, BinaryIO

from audit.exceptions import ArchiveExists, NotGenuine
from audit.integrity.digest import SetDigest
from audit.integrity.facts import Facts, Row, Start, canonical, canonical_moment, message_of
from audit.integrity.findings import Finding, Kind, check_records
from audit.integrity.signing import Verdict, judge, signature

FORMAT = 1
KIND = "records of changes of state"
EVERY = 2000
"""After how many records progress is told."""

UNREADABLE = (EOFError, gzip.BadGzipFile, zlib.error, ValueError, TypeError, KeyError)


@dataclass(slots=True)
class Archive:
    """An archive that may be whole and genuine, or not: `findings` says, and then `records` how many there are."""

    path: Path
    on_page: Callable[[int], Any] = lambda _: None
    records: int = 0
    accounts: int = field(default=0, init=False)
    """An archive has none; `Verification` has this too."""

    def before(self) -> datetime:
        """The moment before which the records are; raises `NotGenuine` where the file is no archive."""
        with gzip.open(self.path, "rt", encoding="ascii") as lines:
            return self._before(lines)

    def total(self) -> int | None:
        """None: how many records there are is known at the end only."""
        return None

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the file and with the records in it; raises `NotGenuine` where it is no archive."""
        rows = self.rows()
        try:
            for _, group in groupby(rows, key=lambda row: row.facts.user_id):
                yield from check_records(*_with_start(group))
        except NotGenuine as error:
            if not self.records:
                raise
            yield Finding(Kind.ARCHIVE, str(error))

    def rows(self) -> Iterator[Row]:
        """The records; raises `NotGenuine` where the file is damaged, not whole or not what was written."""
        digest, self.records = SetDigest(), 0
        with gzip.open(self.path, "rt", encoding="ascii") as lines:
            before = self._before(lines)
            objects = self._objects(lines)
            for values in objects:
                if "id" not in values:
                    self._verify_end(values, before, digest)
                    if next(objects, None) is not None:
                        raise NotGenuine(f"{self.path} goes on behind its last line")
                    return
                row = _row(values)
                digest.add(row.message)
                self.records += 1
                if self.records % EVERY == 0:
                    self.on_page(EVERY)
                yield row
        raise NotGenuine(f"{self.path} ends after {self.records} records, without its last line")

    def _before(self, lines: Iterable[str]) -> datetime:
        try:
            head = json.loads(next(iter(lines)))
            if (head["format"], head["kind"]) != (FORMAT, KIND):
                raise ValueError
            return datetime.fromisoformat(head["before"])
        except (*UNREADABLE, StopIteration) as error:
            raise NotGenuine(f"{self.path} is no archive of records") from error

    def _objects(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        try:
            for line in lines:
                yield dict(json.loads(line))
        except UNREADABLE as error:
            raise NotGenuine(f"{self.path} is damaged behind record {self.records}: {error}") from error

    def _verify_end(self, values: dict[str, Any], before: datetime, digest: SetDigest) -> None:
        verdict = judge(_end(before, digest), str(values.get("signature", "")))
        if verdict is not Verdict.GENUINE or values.get("count") != digest.count:
            raise NotGenuine(f"the records in {self.path} are not those that were written to it")


def write(path: Path, before: datetime, rows: Iterable[Row]) -> int:
    """
    Write an archive and return how many records went into it.

    It is on the disk when this returns, and only then has its name: until then it is `path` with `.partial`. Nobody
    but the user who runs this can read it. Raises `ArchiveExists` where there is a file.
    """
    if path.exists():
        raise ArchiveExists(path)
    discard_partial(path)
    try:
        count = _write_to_disk(_partial(path), before, rows)
        _name(_partial(path), path)
    finally:
        discard_partial(path)
    _fsync_folder(path.parent)
    return count


def discard_partial(path: Path) -> None:
    """Remove what a run that was killed has left beside this archive."""
    _partial(path).unlink(missing_ok=True)


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _name(written: Path, path: Path) -> None:
    try:
        path.hardlink_to(written)  # a rename would replace what another run has named meanwhile
    except FileExistsError as error:
        raise ArchiveExists(path) from error


def _write_to_disk(path: Path, before: datetime, rows: Iterable[Row]) -> int:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb") as lines:
            count = _write_lines(lines, before, rows)
        file.flush()
        os.fsync(file.fileno())
    return count


def _write_lines(lines: BinaryIO | gzip.GzipFile, before: datetime, rows: Iterable[Row]) -> int:
    digest = SetDigest()
    _write_line(lines, {"format": FORMAT, "kind": KIND, "before": canonical_moment(before)})
    for row in rows:
        digest.add(row.message)
        facts = row.facts._asdict() | {"datetime": canonical_moment(row.facts.datetime)}
        _write_line(lines, {"id": row.id, **facts, "signature": row.signature})
    _write_line(lines, {"count": digest.count, "signature": signature(_end(before, digest))})
    return digest.count


def _write_line(lines: BinaryIO | gzip.GzipFile, values: dict[str, Any]) -> None:
    lines.write(json.dumps(values, default=str).encode("ascii") + b"\n")


def _end(before: datetime, digest: SetDigest) -> bytes:
    return canonical("archive file", canonical_moment(before), digest.count, digest.hexdigest())


def _row(values: dict[str, Any]) -> Row:
    try:
        key, signed, moment = values.pop("id"), values.pop("signature"), values["datetime"]
        facts = Facts(**values | {"datetime": datetime.fromisoformat(moment)})
        row = Row(facts, message_of(facts, str(signed)), str(signed), key)
    except UNREADABLE as error:
        raise NotGenuine(f"this is no record: {values}") from error
    if type(facts.sequence) is not int or type(key) is not int or canonical_moment(facts.datetime) != moment:
        raise NotGenuine(f"this is no record as it was written: {values}")
    return row


def _with_start(rows: Iterator[Row]) -> tuple[Iterator[Row], Start]:
    """An archive may begin anywhere in a user's records: earlier ones have gone into an earlier archive."""
    first = next(rows)
    return chain((first,), rows), Start(first.facts.sequence - 1, None)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
