"""`manage.py audit_declare_loss`: declares that records are lost, and verification marks the finding."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit import context
from audit.exceptions import AuditError
from audit.integrity.kept.declared import declare_loss, losses
from audit.integrity.kept.place import named
from audit.integrity.kept.settled import last_settled_key
from audit.integrity.kept.vault import read_all
from audit.integrity.signed.findings import Finding
from audit.integrity.verification import Verification
from audit.management import options as common
from users.management.reporting import ReportingCommand


class Command(ReportingCommand):
    """Declare a loss; see docs/recovering.md."""

    help = (
        "Verifies the record like audit_verify, and declares what is lost: signed, with a reason. From then on "
        "audit_verify lists it and finds only what is new. Nothing is declared without --reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="what happened, for readers in years to come")
        parser.add_argument("--by", default="", help="who declares it (default: the command line)")
        for name in ("checkpoint", "journal"):
            parser.add_argument(
                f"--{name}", metavar="FILE", type=Path, action="append", default=[], help="as for audit_verify"
            )
        parser.add_argument("--dry-run", action="store_true", help="only print what would be declared")
        common.add_wait(parser)
        common.add_database(parser)

    def handle(self, *, reason: str, by: str, dry_run: bool, database: str, **options: Any) -> None:
        """Raise `CommandError` without a reason, and where nothing is lost."""
        if not reason.strip():
            raise CommandError("A declaration needs a reason.")
        try:
            lost = self._losses(database, **options)
            if not dry_run:
                declare_loss(lost, reason=reason, by=by or context.actor().name, using=database)
        except (AuditError, OSError, DatabaseError) as error:
            raise CommandError(f"{error} ({named(database)})") from error
        for each in lost:
            self.report(f"{'would be declared' if dry_run else 'declared'}: {each}")
        self.add_fact(dry_run=dry_run, declared=[each.as_dict() for each in lost])

    def _losses(self, database: str, **options: Any) -> list[Finding]:
        # In no transaction: on SQLite one would keep everybody else from writing for the whole walk.
        settled = last_settled_key(using=database, wait=timedelta(seconds=options["wait"]))
        kept, damaged = read_all(options["checkpoint"])
        journals = map(Path, options["journal"])
        walk = Verification(using=database, checkpoints=kept, journals=journals, settled=settled)
        findings = [*damaged, *walk.findings()]
        cannot = []
        for each in findings:
            if not each.is_loss and not each.declared:
                cannot.append(each.as_dict())
                self.report(self.style.WARNING(f"cannot be declared: {each}"))
        self.add_fact(cannot_be_declared=cannot)
        return losses(findings)
