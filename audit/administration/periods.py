"""Periods of whole days up to today in the current time zone, shared by list and dashboard."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from users.database import local_time

PERIODS = {1: _("Today"), 2: _("Since yesterday"), 7: _("Last 7 days"), 30: _("Last 30 days")}
"""Numbers of days, with their labels."""


def start_of(days: int) -> datetime:
    """Return the midnight at which a period of this many days starts; 1 is today."""
    return local_time.start_of(local_time.today() - timedelta(days=days - 1))
