"""Compares the kept numbers with the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import QuerySet
from django.utils import timezone

from audit.integrity.signed.findings import Finding, Kind
from audit.models import CountedPeriod
from audit.rollup import counting, keeping


def findings(using: str) -> Iterator[Finding]:
    """Yield a finding for each kind of number that does not agree with the record."""
    for period in CountedPeriod.objects.using(using):
        try:
            zone = ZoneInfo(period.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield Finding(Kind.ROLL_UP, f"the dashboard's numbers are of an unknown time zone: {period.time_zone!r}")
            continue
        with timezone.override(zone):
            yield from _of(period)


def _of(period: CountedPeriod) -> Iterator[Finding]:
    records = keeping.records_of(period)
    try:
        differing = set(counting.readable(records)) ^ set(period.rows())
    except ValueError:
        yield _finding(period, "the changes, which cannot be read")
    else:
        if differing:
            yield _finding(period, f"the changes of {', '.join(sorted({str(day) for day, *_ in differing}))}")
    if number := _number(counting.locks(records), keeping.accounts_of(period)):
        yield _finding(period, f"the locks of {number} account(s)")
    if number := _number(counting.lockouts(records), keeping.addresses_of(period)):
        yield _finding(period, f"the lockouts from {number} address(es)")


def _finding(period: CountedPeriod, what: str) -> Finding:
    return Finding(Kind.ROLL_UP, f"the dashboard's numbers of {period} differ from the record in {what}")


def _number(counted: QuerySet[Any, Any], kept: QuerySet[Any, Any]) -> int:
    """Return how many keys, in the first column, differ in any number. The database compares them."""
    differing = (*counted.difference(kept), *kept.difference(counted))
    return len({key for key, *_ in differing})
