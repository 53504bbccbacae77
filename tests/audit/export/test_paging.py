"""Pages by keyset: every record once, in both directions, whatever arrives meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F

from audit.export import paging
from audit.export.paging import Page, Place
from audit.models import UserStateAudit
from tests.factories import make_user
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

SIZE = 4


@pytest.fixture
def records():
    """Fifteen records; eight of them, from one bulk call, have the same time."""
    for number in range(8):
        make_user(f"user{number}", state=State.INVITED)
    UserFSM.objects.bulk_transition("activate")
    for fsm in UserFSM.objects.order_by("pk")[:7]:
        fsm.lock()
    return UserStateAudit.objects.transitions().all()


def keys(page: Page) -> list[int]:
    return [record.pk for record in page.records]


def in_order(records) -> list[int]:
    return list(records.order_by("-datetime", "-pk").values_list("pk", flat=True))


def test_the_records_of_this_test_share_a_time(records):
    assert records.count() == 15
    assert 1 < records.values("datetime").distinct().count() <= 8  # in whole milliseconds


def test_walking_to_older_ones_meets_every_record_once(records):
    page = paging.newest(records, SIZE)
    walked = keys(page)
    while page.older:
        page = paging.older(records, SIZE, place=page.older)
        walked += keys(page)
    assert walked == in_order(records)


def test_walking_to_newer_ones_meets_every_record_once(records):
    page = paging.oldest(records, SIZE)
    walked = keys(page)
    while page.newer:
        page = paging.newer(records, SIZE, place=page.newer)
        walked = keys(page) + walked
    assert walked == in_order(records)


def test_records_that_arrive_meanwhile_shift_nothing(records):
    expected = in_order(records)
    page = paging.newest(records, SIZE)
    walked = keys(page)
    while page.older:
        make_user(f"late{len(walked)}")
        page = paging.older(records, SIZE, place=page.older)
        walked += keys(page)
    assert walked == expected


def test_paging_to_newer_records_meets_those_that_arrived_too(records):
    page = paging.oldest(records, SIZE)
    walked = keys(page)
    for late in ("one", "two", None):
        if late:
            make_user(late)
        assert page.newer
        page = paging.newer(records, SIZE, place=page.newer)
        walked = keys(page) + walked
    while page.newer:
        page = paging.newer(records, SIZE, place=page.newer)
        walked = keys(page) + walked
    assert walked == in_order(records)


def test_from_any_page_the_way_back_leads_to_the_same_page(records):
    first = paging.newest(records, SIZE)
    assert first.older
    second = paging.older(records, SIZE, place=first.older)
    assert second.newer
    assert paging.newer(records, SIZE, place=second.newer) == first


def test_a_single_page_leads_nowhere(records):
    page = paging.newest(records, 15)
    assert (len(page.records), page.newer, page.older) == (15, None, None)
    assert paging.oldest(records, 15) == page


def test_an_empty_record_is_an_empty_page():
    nothing = UserStateAudit.objects.transitions().none()
    assert paging.newest(nothing, SIZE) == paging.oldest(nothing, SIZE) == Page([])


def test_batches_are_all_rows_in_order(records):
    rows = records.values_list("datetime", "pk")
    batches = list(paging.batches(rows, SIZE))
    assert [len(batch) for batch in batches] == [4, 4, 4, 3]
    assert [pk for batch in batches for _, pk in batch] == in_order(records)


@pytest.mark.parametrize(
    "moment", [datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC)]
)
def test_a_place_survives_being_written_as_text(moment):
    place = Place(moment, 17)
    assert Place.parse(str(place)) == place
    assert Place(moment + timedelta(microseconds=1), 17) != place


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "1",
            ".",
            "1.",
            "1.2.3",
            "1.-2",
            "x.y",
            "1.2\n",
            " 1.2",
            "١.٢",
            "\0",
            "9" * 18 + ".1",
            "1." + "9" * 19,
        ),
        *("9" * 10_000, "1e3.1", "1.9223372036854775808"),
    ],
)
def test_a_text_that_is_no_place_is_refused(text):
    with pytest.raises(ValueError, match="no place"):
        Place.parse(text)


def test_records_whose_time_nobody_can_read_have_a_place_too(records, tamper):
    garbage = "'infinity'"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = 1")
            garbage = "'garbage ' || id"
        else:
            connection.check_constraints()
            tamper("ALTER TABLE user_audit_userstateaudit DROP CONSTRAINT userstateaudit_times_are_sane")
        tamper(f"UPDATE user_audit_userstateaudit SET datetime = {garbage}")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = 0")

    page = paging.newest(records, SIZE)
    walked = keys(page)
    while page.older:
        page = paging.older(records, SIZE, place=Place.parse(str(page.older)))
        walked += keys(page)
    assert walked == in_order(records)
    while page.newer:
        page = paging.newer(records, SIZE, place=page.newer)
    assert keys(page) == in_order(records)[:SIZE]
    assert [pk for batch in paging.batches(records.values_list(F("datetime"), F("pk")), 4) for _, pk in batch] == walked
