"""`manage.py audit_journal`: writes the lines of the journal again, from the record."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audit.exceptions import AuditError
from audit.integrity.kept.journal import rewritten
from audit.integrity.kept.place import named
from audit.management import options as common


class Command(BaseCommand):
    """Rewrite the journal; see docs/recovering.md."""

    help = (
        "Writes each record since a date as the line of JSON that the journal has, to standard output. A change whose "
        "COMMIT was carried out without an answer has no line in the journal, and gets one here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", required=True, help="the first day (or time) to write")
        common.add_database(parser)

    def handle(self, *, since: str, database: str, **options: Any) -> None:
        """Raise `CommandError` at the end if records cannot be read. All others are written."""
        try:
            for line in rewritten(common.moment(since), using=database):
                self.stdout.write(line)
        except (AuditError, DatabaseError) as error:
            raise CommandError(f"{error} ({named(database)})") from error
