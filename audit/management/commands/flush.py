from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush

from audit.exceptions import RefusedByDatabase


class Command(flush.Command):
    """Django's `flush`, which names the reason if the database keeps its audit trail."""

    help = f"{flush.Command.help} The database refuses it while it keeps records of changes of state."

    def handle(self, **options: Any) -> None:
        """Raise `CommandError`, as Django's does, if nothing was removed."""
        try:
            super().handle(**options)
        except CommandError as error:
            if isinstance(error.__cause__, RefusedByDatabase):
                raise CommandError(
                    "The database keeps its audit trail, and nothing was removed. Export it (manage.py audit_export) "
                    "or back up the database, then set AUDIT_RECORDS_DELETABLE = True for this one flush."
                ) from error.__cause__
            raise
