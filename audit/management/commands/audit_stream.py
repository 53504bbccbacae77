"""`manage.py audit_stream`: delivers the audit trail to another system."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from typing import Any, NoReturn

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit.exceptions import AuditError
from audit.integrity.kept.place import refuse_standby
from audit.management import options as common
from audit.stream import targets
from audit.stream.cursors import Cursor
from audit.stream.delivery import Stream
from audit.stream.formats import FORMATS
from audit.stream.run import Run
from audit.stream.sources import SOURCES
from users.input.text import is_storable
from users.management.reporting import ReportingCommand

LONGEST_NAME = 100
"""In characters, as the column has it."""

ATTEMPTS = 5
"""How often a receiver may fail in a row before a run without `--follow` ends."""


class Command(ReportingCommand):
    """Stream the audit trail; see docs/streaming.md."""

    help = (
        "Delivers the audit trail to another system, each event at least once and the changes of each account in "
        "their order. A cursor in the database remembers what was delivered, and the next run continues there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to",
            metavar="TARGET",
            default="-",
            help="- (standard output), file:/path, https://host/path or syslog+tls://host:port (default: %(default)s)",
        )
        parser.add_argument(
            "--format", dest="form", choices=tuple(FORMATS), default="jsonl", help="default: %(default)s"
        )
        parser.add_argument(
            "--what",
            metavar="WHAT",
            default="changes",
            help=f"what to deliver, separated by commas: {', '.join(SOURCES)} (default: %(default)s)",
        )
        parser.add_argument("--cursor", metavar="NAME", default="default", help="name of the cursor: %(default)s")
        parser.add_argument("--follow", action="store_true", help="keep running, and deliver new events until stopped")
        parser.add_argument("--again", action="store_true", help="first deliver the refused events once more")
        common.add_database(parser)

    def handle(
        self,
        *,
        to: str,
        form: str,
        what: str,
        cursor: str,
        database: str,
        **options: Any,
    ) -> None:
        """Raise `CommandError` if the target is wrong, the cursor is in use, or the receiver does not answer."""
        written = FORMATS[form]
        wanted = _names(what)
        sources = [source for name, source in SOURCES.items() if name in wanted]  # as any other process takes them
        common.refuse_csv_of_others(form, wanted)
        if not 0 < len(cursor) <= LONGEST_NAME or not is_storable(cursor):
            raise CommandError(f"--cursor: {cursor!r:.40} is no name of 1 to {LONGEST_NAME} characters", returncode=2)
        if self.as_json and to == "-":
            raise CommandError("--json: standard output has the events; deliver them to another --to", returncode=2)
        with ExitStack() as at_the_end:
            if threading.current_thread() is threading.main_thread():  # no other can handle signals
                at_the_end.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _stop))
            try:
                refuse_standby(database)
                target = targets.at(to, written)
                at_the_end.callback(target.close)
                streams = []
                for source in sources:
                    held = Cursor.take(source, name=cursor, target=targets.shown(to), format=form, using=database)
                    at_the_end.callback(_release, held)
                    streams.append(Stream(source, written, target, held, say=self._say))
                self._run(streams, **options)
            except KeyboardInterrupt:
                self._say("stopped")
            except (AuditError, DatabaseError) as error:
                raise CommandError(str(error)) from error

    def _run(self, streams: list[Stream], *, follow: bool, again: bool, **options: Any) -> None:
        run = Run(streams, None if follow else ATTEMPTS, self._say)
        if again:
            taken = run.again()
            self._say(f"{taken} events that had been refused are delivered")
            self.add_fact(again=taken)
        try:
            if follow:
                run.forever()
            run.until_done()
        finally:
            self.add_fact(delivered=run.delivered)
        self._say(f"{run.delivered} events delivered")

    def _say(self, text: str) -> None:
        self.stderr.write(text)  # standard output may be the target


def _names(what: str) -> list[str]:
    names = [name.strip() for name in what.split(",")]
    if unknown := sorted({*names} - {*SOURCES}):
        raise CommandError(f"--what: {', '.join(unknown)} is none of {', '.join(SOURCES)}", returncode=2)
    return list(dict.fromkeys(names))


def _release(cursor: Cursor) -> None:
    with suppress(DatabaseError):  # the lease ends by itself
        cursor.release()


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
