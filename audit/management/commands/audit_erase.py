"""`manage.py audit_erase`: what is personal of one user leaves the record, which still verifies."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.exceptions import AuditError
from audit.integrity import erasure
from audit.management import options as common


class Command(BaseCommand):
    """Erase what is personal of a user; see docs/evidence.md."""

    help = (
        "Blanks the names, texts, addresses and agents of one person in the record, in refusals and readings, and "
        "leaves a signed note. The facts stay, and the record still verifies. Runs as the owner of the tables."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the name that the person has, or had")
        parser.add_argument("--reason", required=True, help="why, for the signed note")
        common.add_database(parser)

    def handle(self, *, username: str, reason: str, database: str, **options: Any) -> None:
        """Raise `CommandError` where there is nobody of that name, or no reason."""
        if not reason.strip():
            raise CommandError("Give a reason: it stands in the signed note.")
        try:
            note = erasure.erase(username, reason, using=database)
        except AuditError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{note.records} records no longer name the person; archives made before still do")
