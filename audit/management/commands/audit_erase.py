"""`manage.py audit_erase`: erases the personal data of one user from the record."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit.exceptions import AuditError
from audit.integrity import erasure
from audit.integrity.kept.place import named
from audit.management import options as common
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Erase the personal data of a user; see docs/audit-trail.md."""

    help = (
        "Blanks the names, texts, addresses and user agents of one person in the record, in refusals and in notes of "
        "reads, and leaves a signed note. The facts stay, and the record still verifies. Run it as the tables' owner."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the current or former name of the person")
        parser.add_argument("--reason", required=True, help="the reason, for the signed note")
        common.add_database(parser)

    def handle(self, *, username: str, reason: str, database: str, **options: Any) -> None:
        """Raise `CommandError` if nobody has that name, if the reason is empty, or if rows were left as they are."""
        if not reason.strip():
            raise CommandError("Give a reason. It becomes part of the signed note.")
        try:
            erased = erasure.erase(username, reason, using=database)
        except (AuditError, DatabaseError) as error:
            raise CommandError(f"{error} ({named(database)})") from error
        self.report(
            f"{erased.records} records no longer name the person. Earlier archives still do.",
            records=erased.records,
            left=erased.left,
        )
        if erased.left:
            left = "\n".join(erased.left)
            raise CommandError(
                f"Some rows still name the person, because the database does not let them change:\n{left}"
            )
