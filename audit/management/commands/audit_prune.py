"""`manage.py audit_prune`: moves old records from the database into an archive."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit.exceptions import AuditError
from audit.integrity.kept.place import named
from audit.integrity.retention import Pruning
from audit.management import options as common
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Archive old records; see docs/evidence.md."""

    help = (
        "Writes the records before a date to a compressed archive that audit_verify can read, and deletes them once "
        "they are on disk. If it is interrupted, nothing is lost: run it again to continue. The newest record of each "
        "user stays, and so do the rows of django-fsm-log."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", metavar="DATE", required=True, help="the first day (or moment) that is kept")
        parser.add_argument(
            "--archive", metavar="FILE", required=True, type=Path, help="the file to write, such as 2025.jsonl.gz"
        )
        common.add_wait(parser)
        common.add_database(parser)

    def handle(self, *, before: str, archive: Path, wait: float, database: str, **options: Any) -> None:
        """Raise `CommandError` if the records must stay or are not genuine. Nothing is lost."""
        pruning = Pruning(database, common.moment(before), archive, timedelta(seconds=wait))
        try:
            with ExitStack() as bars:
                total = pruning.candidates().count()
                pruning.on_written = bars.enter_context(common.counting_records(total, "Archiving")).update
                pruning.on_deleted = bars.enter_context(common.counting_records(total, "Deleting")).update
                pruning.run()
        except (AuditError, OSError, DatabaseError) as error:
            raise CommandError(f"{error} ({named(database)})") from error
        if archive.exists():
            self.report(
                f"{pruning.deleted} records are now in {archive} and no longer in the database",
                archived=pruning.deleted,
                archive=str(archive),
            )
        else:
            self.report("There are no records to archive.", archived=0, archive=None)
