"""Times that the database can keep."""

from datetime import datetime, timedelta, timezone

import pytest

from users.database.moments import refuse_unkeepable


@pytest.mark.parametrize(
    ("hour", "offset"), [(23, -23), (0, 23)], ids=["behind the last moment in UTC", "before the first one in UTC"]
)
def test_a_range_is_asked_of_the_moment_whatever_its_offset(hour, offset):
    day = datetime(2199, 12, 31, hour) if offset < 0 else datetime(1970, 1, 1, hour)  # noqa: DTZ001
    with pytest.raises(ValueError, match="is not between"):
        refuse_unkeepable(day.replace(tzinfo=timezone(timedelta(hours=offset))))


@pytest.mark.parametrize("offset", [-23, 23])
def test_the_ends_of_pythons_time_are_out_of_range_too(offset):
    zone = timezone(timedelta(hours=offset))
    for moment in (datetime.min.replace(tzinfo=zone), datetime.max.replace(tzinfo=zone)):
        with pytest.raises(ValueError, match="is not between"):
            refuse_unkeepable(moment)
