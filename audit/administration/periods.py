"""Periods of whole days that end with today, in the time zone of whoever looks; the same for list and dashboard."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PERIODS = {1: _("Today"), 7: _("Last 7 days"), 30: _("Last 30 days")}
"""How many days, and what that is called."""


def start_of(days: int) -> datetime:
    """The midnight with which the last so many days begin; 1 is today."""
    first = timezone.localdate() - timedelta(days=days - 1)
    return timezone.make_aware(datetime.combine(first, time.min))
