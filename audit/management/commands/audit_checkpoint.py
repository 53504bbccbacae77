"""`manage.py audit_checkpoint`: a signed summary of the record, to be kept elsewhere."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit.exceptions import AuditError, CheckpointBroken
from audit.integrity.kept.checkpoints import Checkpoint
from audit.integrity.kept.comparing import Kept
from audit.integrity.kept.on_disk import fsync_folder
from audit.integrity.kept.place import named
from audit.integrity.kept.taking import take
from audit.integrity.kept.vault import read_all
from audit.management import options as common
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Take a checkpoint; see docs/evidence.md."""

    help = (
        "Takes a signed checkpoint: the number of records, a digest over all of them, the time. It is stored in the "
        "database and written to standard output or a file. Keep it out of reach of anybody with database access."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", metavar="FILE", type=Path, help="write to this new file instead of standard output"
        )
        parser.add_argument(
            "--after",
            metavar="FILE",
            type=Path,
            action="append",
            default=[],
            help="refuse if the record does not match the checkpoints kept in this file; reads all records",
        )
        parser.add_argument("--jobs", metavar="N", type=common.jobs, default=1, help="how many processes read records")
        common.add_wait(parser)
        common.add_database(parser)

    def handle(self, *, file: Path | None, after: list[Path], database: str, **options: Any) -> None:
        """Raise `CommandError` if the file exists or cannot be written, or if no checkpoint can be taken."""
        if file and file.exists():
            raise CommandError(f"{file} already exists. A checkpoint never replaces another one.")
        try:
            with common.counting_records(None, "Reading new records") as bar:
                kept = _kept(after)
                wait, jobs = timedelta(seconds=options["wait"]), options["jobs"]
                stored = take(using=database, wait=wait, after=kept, jobs=jobs, on_page=bar.update)
        except (AuditError, OSError, DatabaseError) as error:
            raise CommandError(f"{error} ({named(database)})") from error
        line = Checkpoint.of(stored).to_json()
        if file is None:
            self.stdout.write(line)
            return
        try:
            _write(file, line)
        except OSError as error:
            raise CommandError(f"The checkpoint is in the database only: {error}") from error
        self.report(f"{stored.count} records. The checkpoint is in {file}", records=stored.count, file=str(file))


def _kept(files: list[Path]) -> list[Kept]:
    kept, damaged = read_all(files)
    if damaged:
        raise CheckpointBroken(damaged)
    return kept


def _write(file: Path, line: str) -> None:
    with file.open("x") as new:
        new.write(line + "\n")
        new.flush()
        os.fsync(new.fileno())
    fsync_folder(file.parent)
