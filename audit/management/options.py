"""What the commands that prove the record have in common."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import NoReturn

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm


def add_database(parser: ArgumentParser) -> None:
    """Add `--database`, as Django's own commands have it."""
    parser.add_argument(
        "--database",
        default=DEFAULT_DB_ALIAS,
        choices=tuple(connections),
        help="alias of the database (default: %(default)s)",
    )


def add_wait(parser: ArgumentParser) -> None:
    """Add `--wait`, in seconds, for what has to know which records there are."""
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help="how long open transactions that write records may take to end (default: %(default)g)",
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
            aware.astimezone(UTC)  # where the first and the last moments of the calendar are none
            return aware
    raise CommandError(f"{text!r} is no date such as 2026-01-31 or 2026-01-31T12:00", returncode=2)


def progress(total: int | None, label: str) -> tqdm[NoReturn]:
    """A bar on standard error that counts records, where that is a terminal, and nothing elsewhere."""
    return tqdm(total=total, desc=label, unit=" records", unit_scale=True, disable=None, leave=False)


def _seconds(text: str) -> float:
    try:
        value = timedelta(seconds=float(text))
    except (ValueError, OverflowError):  # "nan" and "inf" too
        value = timedelta(-1)
    if value < timedelta():
        raise ArgumentTypeError(f"{text!r} is no number of seconds")
    return value.total_seconds()
