"""The ends of accounts that are invited from a list: how people write them, and what they mean."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.database import local_time
from users.database.moments import in_the_future

WRITTEN = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?)? ?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
"""The year comes first: nobody can tell which number of 03/04/2027 is the month."""

NO_DATE = _("“%(value)s” is not a date. Write it as 2027-03-31 or 2027-03-31 18:00.")

SHOWN = 40
"""The number of characters of a value that the message repeats."""


def read(text: str) -> datetime:
    """
    Return the moment at which the account ends, as the project keeps moments.

    A date without a time means the end of that day, and a time without a time zone is in the current one. Raises
    `ValidationError` for a text that is no date, and for a date that has passed or is too far ahead.
    """
    match = WRITTEN.fullmatch(text.strip())
    try:
        ends = _moment(match) if match else None
    except (ValueError, OverflowError):
        ends = None
    if ends is None:
        raise ValidationError(NO_DATE, code="no_date", params={"value": text[:SHOWN]})
    return in_the_future(ends)


def _moment(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone follows
    if match[4] is None:
        found += timedelta(days=1)
    if match[7]:
        zone = "+00:00" if match[7] == "Z" else match[7]
        return local_time.as_kept(datetime.fromisoformat(f"{found.isoformat()}{zone}"))
    return timezone.make_aware(found) if settings.USE_TZ else found
