"""Times that are written alike for two moments are named, and others are not."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from django.core import checks
from django.db import connection


def complaints():
    found = checks.run_checks(tags=["audit"], databases=[])
    return [each.id for each in found if each.id in ("audit.E013", "audit.W013")]


@pytest.mark.parametrize(
    ("zone", "named"),
    [("Europe/Berlin", True), ("Australia/Sydney", True), ("Asia/Kathmandu", False), ("UTC", False), (None, False)],
)
def test_sqlite_in_a_zone_whose_clock_is_set_back_is_an_error(monkeypatch, zone, named):
    monkeypatch.setattr(connection, "timezone", ZoneInfo(zone) if zone else UTC, raising=False)

    is_sqlite = connection.vendor == "sqlite"  # PostgreSQL keeps moments
    assert complaints() == (["audit.E013"] if named and is_sqlite else [])


@pytest.mark.parametrize(("zone", "named"), [("Europe/Berlin", True), ("Asia/Shanghai", False), ("UTC", False)])
def test_naive_times_in_such_a_zone_are_a_warning(settings, zone, named):
    settings.USE_TZ, settings.TIME_ZONE = False, zone

    assert complaints() == (["audit.W013"] if named else [])
