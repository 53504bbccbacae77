"""`manage.py audit_verify`: checks that the record is what was written."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Collection
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import DatabaseError, NotSupportedError
from django.utils.connection import ConnectionDoesNotExist

from audit.exceptions import AuditError
from audit.integrity.archives import Archive
from audit.integrity.checkpoints import Checkpoint
from audit.integrity.findings import Finding
from audit.integrity.verification import Verification
from audit.management import options as common
from audit.models import UserStateAudit

FOUND_SOMETHING, COULD_NOT_RUN = 1, 2
NOT_THE_RECORDS_FAULT = (
    AuditError,
    ConnectionDoesNotExist,
    DatabaseError,
    NotSupportedError,
    OSError,
    SystemCheckError,
)


class Command(BaseCommand):
    """Verify the record; see docs/evidence.md."""

    help = (
        "Verifies all records of changes of state, and checks that the accounts agree with them. "
        "Exit code 0: nothing is wrong; 1: findings; 2: could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", metavar="USERNAME", help="only this user's records and account")
        parser.add_argument("--since", metavar="DATE", help="only records from this date (or date and time) on")
        parser.add_argument(
            "--json",
            dest="as_json",
            action="store_true",
            help="print one JSON object per line; the last one is the total",
        )
        parser.add_argument(
            "--checkpoint", metavar="FILE", action="append", default=[], help="compare the record with this checkpoint"
        )
        parser.add_argument(
            "--archive", metavar="FILE", action="append", default=[], help="verify this archive instead of the database"
        )
        common.add_database(parser)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raise `CommandError` with exit code 2 if the command could not run."""
        try:
            return super().execute(*args, **options)
        except NOT_THE_RECORDS_FAULT as error:
            raise CommandError(str(error), returncode=COULD_NOT_RUN) from error

    def handle(self, *, as_json: bool, archive: list[str], **options: Any) -> None:
        """Raise `CommandError` with exit code 1 if there are findings."""
        if archive and (options["user"] or options["since"] or options["checkpoint"]):
            raise CommandError("--archive cannot be combined with other options.", returncode=COULD_NOT_RUN)
        walks: list[Archive] | list[Verification] = [Archive(Path(path)) for path in archive]
        findings = records = accounts = 0
        for walk in walks or [self._walk(**options)]:
            with closing(common.progress(walk.total(), "Verifying")) as bar:
                walk.on_page = bar.update
                for finding in walk.findings():
                    bar.clear()
                    self._show(finding, as_json=as_json)
                    findings += 1
            records += walk.records
            accounts += walk.accounts
        self._sum_up(findings, records, accounts, as_json=as_json)

    def _walk(
        self, *, user: str | None, since: str | None, checkpoint: list[str], database: str, **options: Any
    ) -> Verification:
        if checkpoint and (user or since):
            raise CommandError("A checkpoint covers all records. Remove --user and --since.", returncode=COULD_NOT_RUN)
        return Verification(
            using=database,
            user_ids=_keys_of(user, using=database) if user else None,
            since=common.moment(since) if since else None,
            checkpoints=[(path, Checkpoint.from_json(Path(path).read_bytes())) for path in checkpoint],
        )

    def _show(self, finding: Finding, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(finding), default=str))
        else:
            self.stdout.write(self.style.ERROR(str(finding)))

    def _sum_up(self, findings: int, records: int, accounts: int, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"records": records, "accounts": accounts, "findings": findings}))
        else:
            self.stdout.write(f"records: {records}, accounts: {accounts}, findings: {findings}")
        if findings:
            raise CommandError("The record does not hold.", returncode=FOUND_SOMETHING)


def _keys_of(username: str, *, using: str) -> Collection[Any]:
    """The keys of the user with this name, or of deleted users who had it in a record."""
    users = get_user_model()._base_manager.using(using).filter(**{get_user_model().USERNAME_FIELD: username})
    gone = UserStateAudit.objects.using(using).filter(username=username)
    keys = list(users.values_list("pk", flat=True)) or list(gone.values_list("user_id", flat=True).distinct())
    if not keys:
        raise CommandError(f"There is no user {username!r}, and no record names one.", returncode=COULD_NOT_RUN)
    return keys
