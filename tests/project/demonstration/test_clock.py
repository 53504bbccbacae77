"""The clock of the story: everything in it is recorded as of its time, and nothing afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from project.demonstration.clock import Clock

THEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SOON = timedelta(minutes=5)


def test_django_takes_the_time_from_the_clock_while_it_is_in_use():
    clock = Clock()
    clock.set_to(THEN)

    with clock.in_use():
        assert THEN <= timezone.now() < THEN + SOON
        assert timezone.localtime(THEN) == THEN

    assert abs(timezone.now() - datetime.now(tz=UTC)) < SOON


@pytest.mark.django_db
def test_so_do_defaults_of_fields():
    clock = Clock()
    clock.set_to(THEN)

    with clock.in_use():
        joined = User.objects.create_user("ada").date_joined

    assert THEN <= joined < THEN + SOON


def test_it_goes_on_by_itself():
    clock = Clock()
    clock.set_to(THEN)

    assert clock.now() < clock.now()


def test_naive_projects_get_naive_times(settings):
    settings.USE_TZ = False
    clock = Clock()

    with clock.in_use():
        assert timezone.is_naive(timezone.now())


def test_days_count_from_when_the_story_is_told():
    clock = Clock()

    moment = clock.of_day(3, "14:05")

    assert (moment.hour, moment.minute) == (14, 5)
    assert (clock.begin.date() - moment.date()).days == 3


def test_an_error_gives_the_time_back():
    clock = Clock()
    clock.set_to(THEN)

    with pytest.raises(LookupError), clock.in_use():
        raise LookupError

    assert timezone.now() > THEN
