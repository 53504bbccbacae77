"""`manage.py audit_export`: writes the audit trail of a period in one of the formats of streams."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, router

from audit.conf import conf
from audit.exceptions import ReplicaBehind
from audit.integrity.kept.place import has_everything_up_to, named
from audit.management import options as common
from audit.models import UserStateAudit
from audit.stream import export
from audit.stream.formats import FORMATS, Format
from audit.stream.sources import SOURCES, Source
from audit.stream.targets.standard_output import Unbuffered
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Export the audit trail; see docs/streaming.md."""

    help = (
        "Writes everything that happened in a period, oldest first, in constant memory. It moves no cursor, and can "
        "read from a replica, for which it waits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="the first day (or moment) of the period")
        parser.add_argument("--until", metavar="DATE", help="the first day (or moment) after the period")
        parser.add_argument(
            "--format", dest="form", choices=tuple(FORMATS), default="jsonl", help="default: %(default)s"
        )
        parser.add_argument("--what", choices=tuple(SOURCES), default="changes", help="default: %(default)s")
        parser.add_argument("--file", metavar="FILE", type=Path, help="a new file; by default standard output")
        common.add_wait(parser, "how long a replica may take to come to the end of the period")
        common.add_database(parser, default=conf.replica)

    def handle(
        self,
        *,
        since: str | None,
        until: str | None,
        form: str,
        what: str,
        file: Path | None,
        wait: float,
        database: str,
        **_: Any,
    ) -> None:
        """
        Raise `CommandError` if a date is invalid, the file exists or cannot be written, the database fails, or a
        replica has not come to the end of the period.
        """
        common.refuse_csv_of_others(form, [what])
        if self.as_json and file is None:
            raise CommandError("--json: standard output has the events; write them to a --file", returncode=2)
        period = tuple(None if text is None else common.moment(text) for text in (since, until))
        try:
            self._tell_as_of(period[1], database, wait)
            if file is None:
                count = _write(Unbuffered(), FORMATS[form], SOURCES[what], period, database)
            else:
                with file.open("xb") as new, _removed_if_unfinished(file):
                    count = _write(new, FORMATS[form], SOURCES[what], period, database)
        except ReplicaBehind as error:
            raise CommandError(f"the export would not be complete: {error}") from error
        except OSError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:  # for example a standby that cancels the query
            raise CommandError(f"the export is not complete: {error} ({named(database)})") from error
        if not self.as_json:
            self.stderr.write(f"{count} events written")  # standard output may have the events
        self.add_fact(events=count, file=str(file))

    def _tell_as_of(self, end: datetime | None, database: str, wait: float) -> None:
        """Wait for a replica, and say up to when it has everything."""
        primary = router.db_for_write(UserStateAudit) or DEFAULT_DB_ALIAS
        as_of = has_everything_up_to(end, using=database, primary=primary, wait=timedelta(seconds=wait))
        if as_of is None:
            return
        moment = as_of.isoformat(timespec="seconds")
        if not self.as_json:
            self.stderr.write(f"{database}, a replica, has everything up to {moment}")
        self.add_fact(as_of=moment)


@contextmanager
def _removed_if_unfinished(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.unlink()
        raise


def _write(
    file: BinaryIO | Unbuffered, form: Format, source: Source, period: tuple[datetime | None, ...], using: str
) -> int:
    start, end = period
    written = 0
    with common.counting_records(None, "Writing") as bar:
        for lines, count in export.pieces(source, form, start=start, end=end, using=using):
            file.write(lines)
            bar.update(count)
            written += count
    file.flush()
    return written
