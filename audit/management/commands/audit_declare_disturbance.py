"""`manage.py audit_declare_disturbance`: declares that a clock is known to have run wrong for some time."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit import context
from audit.exceptions import AuditError
from audit.integrity.kept.declared import declare_disturbance
from audit.integrity.kept.place import named, refuse_standby
from audit.management import options as common
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Declare a disturbance of the clock; see docs/recovering.md."""

    help = (
        "Declares that the clock ran wrong between two times: signed, with a reason. From then on audit_verify lists "
        "records in this range whose time is before that of the previous record, but not as findings."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="start", metavar="DATE", required=True, help="the first such time")
        parser.add_argument("--until", dest="end", metavar="DATE", required=True, help="the last such time")
        parser.add_argument("--reason", required=True, help="what happened, for readers in years to come")
        parser.add_argument("--by", default="", help="who declares it (default: the command line)")
        common.add_database(parser)

    def handle(self, *, start: str, end: str, reason: str, by: str, database: str, **options: Any) -> None:
        """Raise `CommandError` without a reason, and for a range that has no beginning or ends before it."""
        first, last = common.moment(start), common.moment(end)
        if not reason.strip():
            raise CommandError("A declaration needs a reason.")
        if last < first:
            raise CommandError(f"The range ends before it begins: {first} to {last}.")
        try:
            refuse_standby(database)
        except AuditError as error:
            raise CommandError(f"{error} ({named(database)})") from error
        who = by or context.actor().name
        declared = str(declare_disturbance(first, last, reason=reason, by=who, using=database))
        self.report(f"declared: {declared}", declared=declared)
