"""`manage.py audit_checkpoint`: what the record is now, to be kept elsewhere."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.exceptions import AuditError
from audit.integrity import checkpoints
from audit.integrity.checkpoints import Checkpoint
from audit.management import options as common


class Command(BaseCommand):
    """Take a checkpoint; see docs/evidence.md."""

    help = (
        "Takes a signed checkpoint: how many records there are, a digest over all of them, the time. It goes to the "
        "database and to standard output or a file, to be kept where nobody who can reach the database can reach it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", metavar="FILE", type=Path, help="write to this new file, not to standard output")
        common.add_wait(parser)
        common.add_database(parser)

    def handle(self, *, file: Path | None, wait: float, database: str, **options: Any) -> None:
        """Raise `CommandError` where the file is there already or cannot be written, or no checkpoint can be taken."""
        if file and file.exists():
            raise CommandError(f"{file} is there already; a checkpoint never replaces another one.")
        try:
            with closing(common.progress(None, "Reading what is new")) as bar:
                stored = checkpoints.take(using=database, wait=timedelta(seconds=wait), on_page=bar.update)
        except AuditError as error:
            raise CommandError(str(error)) from error
        line = Checkpoint.of(stored).to_json()
        if file is None:
            self.stdout.write(line)
            return
        try:
            _write(file, line)
        except OSError as error:
            raise CommandError(f"The checkpoint is in the database only: {error}") from error
        self.stdout.write(f"{stored.count} records; the checkpoint is in {file}")


def _write(file: Path, line: str) -> None:
    with file.open("x") as new:
        new.write(line + "\n")
        new.flush()
        os.fsync(new.fileno())
