"""System checks of the times of the record: two moments must not be written alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import connections, router
from django.utils import timezone

from audit.models import UserStateAudit
from users.checks.values import Configs


def check_times_of_sqlite(app_configs: Configs, **kwargs: object) -> list[CheckMessage]:
    """
    `audit.E013`: SQLite must not keep times in a zone whose clock is set back, as in autumn.

    It keeps them without an offset. A time of the hour that comes twice is read as the first one, and such a record
    looks edited.
    """
    alias = router.db_for_write(UserStateAudit)
    if alias not in connections or connections[alias].vendor != "sqlite":
        return []
    zone = connections[alias].timezone
    if zone is None or not is_set_back(zone):
        return []
    hint = "Remove TIME_ZONE from this database, which keeps UTC then, before it has any records."
    return [Error(f"The database {alias!r} keeps times of {zone}", hint=hint, id="audit.E013")]


def check_naive_times(app_configs: Configs, **kwargs: object) -> list[CheckMessage]:
    """
    `audit.W013`: without `USE_TZ`, the zone of the project should have no clock that is set back.

    In the hour that comes twice, a later change has an earlier time, and `audit_verify` reports it as `out_of_order`.
    """
    if settings.USE_TZ or not is_set_back(timezone.get_default_timezone()):
        return []
    hint = "Set USE_TZ = True, or declare a disturbance for that hour each year (audit_declare_disturbance)."
    message = f"Times are kept as the clocks of {settings.TIME_ZONE} show them, which are set back in autumn"
    return [checks.Warning(message, hint=hint, id="audit.W013")]


def is_set_back(zone: tzinfo) -> bool:
    """Whether the clocks of this zone are set back within the next year."""
    now = datetime.now(UTC)
    offsets = [(now + timedelta(days=day)).astimezone(zone).utcoffset() or timedelta() for day in range(367)]
    return any(later < earlier for earlier, later in pairwise(offsets))


ALL = (check_times_of_sqlite, check_naive_times)
