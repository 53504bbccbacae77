"""Options that the commands for evidence share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Collection
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, time, timedelta
from typing import NoReturn

from django.core.management.base import CommandError
from django.db import connections, router
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm

from audit.models import UserStateAudit
from users.database import local_time
from users.management.progress import progress

MOST_JOBS = 64


def add_database(parser: ArgumentParser, default: str | None = None) -> None:
    """Add `--database`; by default it is the one that the record is written to."""
    parser.add_argument(
        "--database",
        default=default or router.db_for_write(UserStateAudit),
        choices=tuple(connections),
        help="alias of the database (default: %(default)s)",
    )


def add_wait(parser: ArgumentParser, what: str = "how long to wait for open transactions that write records") -> None:
    """Add `--wait` in seconds."""
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help=f"{what} (default: %(default)g)",
    )


def moment(text: str) -> datetime:
    """
    Read a date (its first moment) or a date and time, in the project's time zone where it names none.

    Raises `CommandError` with exit code 2 for anything else.
    """
    with suppress(ValueError, OverflowError):
        value = parse_datetime(text) if len(text) > len("2026-01-31") else None
        if value is None and (day := parse_date(text)):
            value = datetime.combine(day, time())
        if value is not None:
            aware = value if timezone.is_aware(value) else timezone.make_aware(value)
            aware.astimezone(UTC)  # fails for the first and last moments of the calendar
            return local_time.as_kept(aware)
    raise CommandError(f"{text!r} is not a date such as 2026-01-31 or 2026-01-31T12:00", returncode=2)


def jobs(text: str) -> int:
    """Read a number of processes, for argparse."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise ArgumentTypeError(f"{text!r} is not a number of processes from 1 to {MOST_JOBS}")
    return int(text)


def counting_records(total: int | None, name: str) -> AbstractContextManager[tqdm[NoReturn]]:
    """Return the bar of a command that goes through records; `total` is None where it is not known."""
    return progress(total, name=name, unit="records", scaled=True)


def refuse_csv_of_others(form: str, what: Collection[str]) -> None:
    """Raise `CommandError` for CSV of anything but changes, whose columns the heading names."""
    if form == "csv" and set(what) != {"changes"}:
        raise CommandError("--format csv: only changes can be written as CSV", returncode=2)


def _seconds(text: str) -> float:
    try:
        value = timedelta(seconds=float(text))
    except (ValueError, OverflowError):  # "nan" and "inf" too
        value = timedelta(-1)
    if value < timedelta():
        raise ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value.total_seconds()
