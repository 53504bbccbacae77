"""Accounts that are invited from a list can have an end."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.utils.timezone import make_naive

from users.invitations import ends, lists
from users.models import ScheduledChange, UserFSM
from users.schedule import changes
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
END_OF_MARCH = datetime(2027, 4, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TIME_ZONE = "UTC"
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def csv_of(*rows):
    return "\n".join(["email,username,ends", *rows]).encode()


def planned():
    return {
        change.username: (change.transition, change.at, change.scheduled_by)
        for change in ScheduledChange.objects.pending()
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2027-03-31", END_OF_MARCH),
        ("2027/3/31", END_OF_MARCH),
        ("2027.03.31", END_OF_MARCH),
        (" 2027-03-31 18:00 ", datetime(2027, 3, 31, 18, tzinfo=UTC)),
        ("2027-03-31T18:00:30", datetime(2027, 3, 31, 18, 0, 30, tzinfo=UTC)),
        ("2027-03-31T18:00:00Z", datetime(2027, 3, 31, 18, tzinfo=UTC)),
        ("2027-03-31 18:00 +02:00", datetime(2027, 3, 31, 16, tzinfo=UTC)),
        ("2027-01-01", datetime(2027, 1, 2, tzinfo=UTC)),
    ],
)
def test_a_day_is_meant_to_its_end_and_a_time_as_it_stands(written, meant):
    assert ends.read(written) == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("31.03.2027", "“31.03.2027” is not a date. Write it as 2027-03-31 or 2027-03-31 18:00."),
        ("03/04/2027", "is not a date"),
        ("2027-02-30", "is not a date"),
        ("2027-03-31 25:00", "is not a date"),
        ("9999-12-31", "is not a date"),
        ("0000-00-00", "is not a date"),
        ("٢٠٢٧-٠٣-٣١", "is not a date"),
        ("x" * 10_000, f"“{'x' * 40}” is not a date"),
        ("2026-12-31", "This time has passed."),
        ("0001-01-01 00:00+14:00", "This time has passed."),
        ("2027-01-01 11:59", "This time has passed."),
        ("2190-01-01", "This is more than ten years ahead."),
        ("9999-12-30 23:00-23:59", "This is more than ten years ahead."),
    ],
)
def test_an_end_that_makes_no_sense_is_said(written, said):
    with pytest.raises(ValidationError) as refused:
        ends.read(written)

    assert refused.value.messages[0].startswith(said) or said in refused.value.messages[0]


def test_people_on_a_list_have_the_end_that_it_says(clock):
    lines = lists.read(csv_of("ann@example.com,ann,2027-03-31", "bob@example.com,bob,"))
    lists.invite_all(lines, by="HR")

    assert planned() == {"ann": ("deactivate", END_OF_MARCH, "HR")}

    clock.move_to(END_OF_MARCH)
    changes.run_due()
    states = dict(UserFSM.objects.values_list("user__username", "current_state"))
    assert states == {"ann": State.DEACTIVATED, "bob": State.INVITED}


def test_a_wrong_end_is_said_with_what_else_is_wrong_and_nobody_is_invited():
    lines = lists.read(csv_of("ann@example.com,ann,soon", "bob,bob,2001-01-01"))
    outcome = lists.invite_all(lines)

    assert [line.problems for line in outcome.refused] == [
        ["“soon” is not a date. Write it as 2027-03-31 or 2027-03-31 18:00."],
        ["email: Enter a valid email address.", "This time has passed."],
    ]
    assert not UserFSM.objects.exists()


def test_an_end_that_passes_while_a_list_is_invited_is_said(clock):
    lines = lists.read(csv_of("ann@example.com,ann,2027-03-31"))
    clock.move_to(END_OF_MARCH)
    outcome = lists.invite_all(lines)

    assert [line.problems for line in outcome.late] == [["This time has passed."]]
    assert not UserFSM.objects.exists()


def test_a_person_who_is_invited_once_more_gets_the_new_end_of_the_list(monkeypatch, settings):
    settings.USERS_MAIL_RETRIES = []

    def fail(self, messages):
        raise OSError("no mail server")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fail)
        lists.invite_all(lists.read(csv_of("ann@example.com,ann,", "bob@example.com,bob,2027-03-31")), by="HR")

    again = lists.read(csv_of("ann@example.com,ann,2027-03-31", "bob@example.com,bob,2027-03-31"))
    outcome = lists.invite_all(again, by="HR")

    assert [line.username for line in outcome.invited] == ["ann", "bob"]
    assert planned() == dict.fromkeys(("ann", "bob"), ("deactivate", END_OF_MARCH, "HR"))
    assert ScheduledChange.objects.count() == 2


def test_the_command_gives_an_end_to_those_for_whom_the_list_says_none(invite):
    out, err = invite(csv_of("ann@example.com,ann,2027-02-01 09:00", "bob@example.com,bob,"), ends="2027-03-31")

    assert (out, err) == ("2 of 2 invited\n", "")
    assert planned() == {
        "ann": ("deactivate", datetime(2027, 2, 1, 9, tzinfo=UTC), "CLI"),
        "bob": ("deactivate", END_OF_MARCH, "CLI"),
    }


def test_a_dry_run_says_how_many_have_an_end(invite):
    data = csv_of("ann@example.com,ann,2027-02-01", "bob@example.com,bob,")

    assert invite(data, dry_run=True) == ("2 of 2 can be invited, 1 of them with an end\n", "")
    assert not UserFSM.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("soon", "--ends: “soon” is not a date. Write it as 2027-03-31 or 2027-03-31 18:00."),
        ("2026-12-31", "--ends: This time has passed."),
    ],
)
def test_the_command_refuses_an_end_that_makes_no_sense(invite, given, said):
    assert invite(csv_of("ann@example.com,ann,"), ends=given) == ("", said)
    assert not UserFSM.objects.exists()


def test_without_time_zones_an_end_is_in_that_of_the_settings(settings):
    settings.USE_TZ = False

    assert ends.read("2027-03-31") == make_naive(END_OF_MARCH)
    assert ends.read("2027-03-31 18:00Z") == make_naive(END_OF_MARCH - timedelta(hours=6))
