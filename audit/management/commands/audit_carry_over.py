"""`manage.py audit_carry_over`: gives an earlier database the current labels."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.exceptions import AuditError
from audit.installation import carrying_over
from audit.management import options as common
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Rename tables, content types and migrations; see docs/upgrading.md."""

    help = (
        "Carries over a database with the earlier labels users and audit: renames tables, content types and the "
        "history of migrations. Run it once as the owner of the tables, and then run migrate."
    )
    requires_system_checks = ()  # one of them asks for this command

    def add_arguments(self, parser: ArgumentParser) -> None:
        common.add_database(parser)

    def handle(self, *, database: str, **options: Any) -> None:
        """Raise `CommandError` if there is nothing to carry over."""
        try:
            carrying_over.carry_over(database)
        except AuditError as error:
            raise CommandError(str(error)) from error
        self.report(f"Done. Now run: manage.py migrate --database {database}", database=database)
