"""`manage.py audit_export`: writes the audit trail of a period in one of the formats of streams."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit.conf import conf
from audit.integrity.kept.place import named
from audit.management import options as common
from audit.stream import export
from audit.stream.formats import FORMATS, Format
from audit.stream.sources import SOURCES, Source
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Export the audit trail; see docs/streaming.md."""

    help = (
        "Writes everything that happened in a period, oldest first, in constant memory. It moves no cursor, and can "
        "read from a replica."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="the first day (or moment) of the period")
        parser.add_argument("--until", metavar="DATE", help="the first day (or moment) after the period")
        parser.add_argument(
            "--format", dest="form", choices=tuple(FORMATS), default="jsonl", help="default: %(default)s"
        )
        parser.add_argument("--what", choices=tuple(SOURCES), default="changes", help="default: %(default)s")
        parser.add_argument("--file", metavar="FILE", type=Path, help="a new file; by default standard output")
        common.add_database(parser, default=conf.replica)

    def handle(
        self,
        *,
        since: str | None,
        until: str | None,
        form: str,
        what: str,
        file: Path | None,
        database: str,
        **_: Any,
    ) -> None:
        """Raise `CommandError` if a date is invalid, the file exists or cannot be written, or the database fails."""
        common.refuse_csv_of_others(form, [what])
        if self.as_json and file is None:
            raise CommandError("--json: standard output has the events; write them to a --file", returncode=2)
        period = tuple(None if text is None else common.moment(text) for text in (since, until))
        try:
            if file is None:
                count = _write(sys.stdout.buffer, FORMATS[form], SOURCES[what], period, database)
            else:
                with file.open("xb") as new, _removed_if_unfinished(file):
                    count = _write(new, FORMATS[form], SOURCES[what], period, database)
        except OSError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:  # for example a standby that cancels the query
            raise CommandError(f"the export is not complete: {error} ({named(database)})") from error
        if not self.as_json:
            self.stderr.write(f"{count} events written")  # standard output may have the events
        self.add_fact(events=count, file=str(file))


@contextmanager
def _removed_if_unfinished(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.unlink()
        raise


def _write(file: BinaryIO, form: Format, source: Source, period: tuple[datetime | None, ...], using: str) -> int:
    start, end = period
    written = 0
    with common.counting_records(None, "Writing") as bar:
        for lines, count in export.pieces(source, form, start=start, end=end, using=using):
            file.write(lines)
            bar.update(count)
            written += count
    file.flush()
    return written
