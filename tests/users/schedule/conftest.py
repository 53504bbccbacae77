"""What the tests of dormancy share."""

from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as traveller:
        yield traveller
