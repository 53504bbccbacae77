"""Moments as a project keeps them: aware where `USE_TZ` is on, naive in the zone of the settings where it is off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.conf import settings
from django.utils import timezone


def local(moment: datetime) -> datetime:
    """The moment in the current time zone; a naive one is local already."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def today() -> date:
    """The date of today in the current time zone."""
    return local(timezone.now()).date()


def start_of(day: date) -> datetime:
    """The first moment of this day in the current time zone, as the project keeps moments."""
    midnight = datetime.combine(day, time.min)
    return timezone.make_aware(midnight) if settings.USE_TZ else midnight


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; a naive one is in the zone of the settings."""
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=timezone.get_default_timezone())
    return moment.astimezone(UTC)


def as_kept(moment: datetime) -> datetime:
    """An aware moment as the project keeps moments."""
    return moment if settings.USE_TZ else timezone.make_naive(moment, timezone.get_default_timezone())
