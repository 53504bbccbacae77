"""
Times in the parameters of the list: a day, a minute, a second or a millisecond.

A time names a span, as people mean it: 09:53 is everything from 09:53:00.000 to 09:53:59.999.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from typing import NamedTuple

from django.conf import settings
from django.utils.timezone import make_aware

from users.database import local_time

TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?:\.(?P<part>\d{1,3}))?)?)?"
    r"(?P<zone>Z|[+ -]\d\d:\d\d)?",
    re.ASCII,
)

LENGTHS = {
    "part": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "day": timedelta(days=1),
}
"""The length of the span that a time names, by its finest part."""


class Span(NamedTuple):
    """From `start` on and before `end`, as the project keeps moments."""

    start: datetime
    end: datetime


def parse(text: str) -> Span:
    """
    Return the span that this text names, in the current time zone unless it names another; raise `ValueError` for any
    other text.

    When clocks go back, an hour comes twice. Its span goes from the start of the first one to the end of the second
    one.
    """
    match = TIME.fullmatch(text)
    if match is None:
        raise ValueError("this is no time")
    naive = datetime.fromisoformat(
        f"{match['day']}T{match['minute'] or '00:00'}:{match['second'] or '00'}.{(match['part'] or '0'):0<3}"
    )
    if not MINYEAR < naive.year < MAXYEAR:
        raise ValueError("this year is out of range")
    length = next(LENGTHS[each] for each in LENGTHS if match[each])
    if match["zone"]:
        start = naive.replace(tzinfo=_zone(match["zone"]))
        return Span(local_time.as_kept(start), local_time.as_kept(start + length))
    return Span(_local(naive, fold=0), _local(naive + length, fold=1))


def written(moment: datetime) -> str:
    """Return the text that names this millisecond, whatever the time zone of its reader."""
    return local_time.in_utc(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def in_a_field(text: str, *, is_end: bool = False) -> str:
    """Return a time for an input of the type `datetime-local`: the first minute or, as an end, the last one."""
    span = parse(text)
    start, finest = local_time.local(span.start), span.end - span.start
    if is_end and finest > LENGTHS["minute"]:
        start = local_time.local(span.end) - LENGTHS["minute"]
    exact = "minutes" if finest >= LENGTHS["minute"] else "milliseconds" if start.microsecond else "seconds"
    return start.replace(tzinfo=None).isoformat(timespec=exact)


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)  # a plus arrives as a space where it was not quoted


def _local(naive: datetime, *, fold: int) -> datetime:
    # In UTC, because Python subtracts times of one zone without their offsets.
    return make_aware(naive.replace(fold=fold)).astimezone(UTC) if settings.USE_TZ else naive
