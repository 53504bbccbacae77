"""`manage.py audit_verify`: checks that the record is what was written."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import DatabaseError, NotSupportedError
from django.utils.connection import ConnectionDoesNotExist

from audit.conf import conf
from audit.exceptions import AuditError
from audit.integrity.kept.archive_notes import check_note
from audit.integrity.kept.archives import Archive
from audit.integrity.kept.place import here, named
from audit.integrity.kept.vault import read_all
from audit.integrity.persons import keys_of
from audit.integrity.signed.findings import Finding
from audit.integrity.verification import Verification
from audit.management import options as common

FOUND_SOMETHING, COULD_NOT_RUN = 1, 2
NOT_THE_RECORDS_FAULT = (
    AuditError,
    ConnectionDoesNotExist,
    DatabaseError,
    NotSupportedError,
    OSError,
    SystemCheckError,
)
ONLY_OF_ALL = {"checkpoint": "A checkpoint covers", "journal": "A journal covers", "resume": "--resume is for"}


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
        _add_files(
            parser,
            checkpoint="compare the record with all checkpoints in this file",
            journal="check that every change in this journal is in the record",
            archive="verify this archive instead of the database",
        )
        parser.add_argument("--jobs", metavar="N", type=common.jobs, default=1, help="how many processes verify")
        parser.add_argument(
            "--resume", metavar="FILE", type=Path, help="note in this file what is done, and continue from there"
        )
        common.add_wait(parser, "how long a replica may take to catch up with the checkpoints")
        common.add_database(parser, default=conf.replica)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raise `CommandError` with exit code 2 if the command could not run."""
        try:
            return super().execute(*args, **options)
        except ConnectionDoesNotExist as error:
            raise CommandError(str(error), returncode=COULD_NOT_RUN) from error
        except NOT_THE_RECORDS_FAULT as error:
            where = named(options["database"])
            raise CommandError(f"{error} ({where})", returncode=COULD_NOT_RUN) from error

    def handle(self, *, as_json: bool, archive: list[str], database: str, **options: Any) -> None:
        """Raise `CommandError` with exit code 1 if there are findings."""
        if archive and any(options[name] for name in ("user", "since", "checkpoint", "journal", "resume")):
            raise CommandError("--archive cannot be combined with other options.", returncode=COULD_NOT_RUN)
        self.as_json, self.totals = as_json, {"records": 0, "accounts": 0, "findings": 0}
        self.declared = 0
        self.begun: datetime | None = None
        if archive:
            for path in archive:
                self._verify_archive(Archive(Path(path)), database)
        else:
            self._verify(database, **options)
        self._sum_up(database)

    def _verify_archive(self, archive: Archive, database: str) -> None:
        before = self.totals["findings"]
        with common.counting_records(None, "Verifying") as bar:
            archive.on_page = bar.update
            self._show_all(archive.findings())
        if self.totals["findings"] == before:
            self._show_all(check_note(archive, using=database))
        self.totals["records"] += archive.records

    def _verify(self, database: str, **options: Any) -> None:
        self._refuse_parts(**options)
        kept, damaged = read_all(options["checkpoint"])
        user, since = options["user"], options["since"]
        walk = Verification(
            using=database,
            user_ids=keys_of(user, using=database) if user else None,
            since=common.moment(since) if since else None,
            checkpoints=kept,
            journals=[Path(path) for path in options["journal"]],
            jobs=options["jobs"],
            resume=options["resume"],
            wait=timedelta(seconds=options["wait"]),
        )
        with common.counting_records(walk.total(), "Verifying") as bar:
            walk.on_page = bar.update
            self._show_all(iter(damaged))
            self._show_all(walk.findings())
        self.totals["records"], self.totals["accounts"] = walk.records, walk.accounts
        self.begun = walk.begun

    def _refuse_parts(self, **options: Any) -> None:
        if options["user"] or options["since"]:
            for name, what in ONLY_OF_ALL.items():
                if options[name]:
                    message = f"{what} all records. Remove --user and --since."
                    raise CommandError(message, returncode=COULD_NOT_RUN)

    def _show_all(self, findings: Iterator[Finding]) -> None:
        for finding in findings:
            if finding.declared:
                self.declared += 1
            else:
                self.totals["findings"] += 1
            if self.as_json:
                self.stdout.write(json.dumps(finding.as_dict(), default=str))
            elif finding.declared:
                self.stdout.write(f"declared: {finding} ({finding.declared})")
            else:
                self.stdout.write(self.style.ERROR(str(finding)))

    def _sum_up(self, database: str) -> None:
        totals: dict[str, int | str] = {**self.totals}
        if self.declared:
            totals["declared"] = self.declared
        if self.begun:  # what the first run has read may be of long ago
            totals["begun"] = f"{self.begun:%Y-%m-%d %H:%M:%S %Z}"
        if self.as_json:
            self.stdout.write(json.dumps(totals))
        else:
            self.stdout.write(", ".join(f"{name}: {number}" for name, number in totals.items()))
        if totals["findings"]:
            raise CommandError(f"The record does not hold ({here(database)}).", returncode=FOUND_SOMETHING)


def _add_files(parser: ArgumentParser, **helps: str) -> None:
    for name, text in helps.items():
        parser.add_argument(f"--{name}", metavar="FILE", action="append", default=[], help=text)
