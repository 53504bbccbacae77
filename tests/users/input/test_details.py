"""The details of a change can be anything that code hands over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record
from users.input.details import storable_details
from users.states import State


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth):
        inner = {"inner": inner}
    return inner


def round_and_round() -> dict[str, Any]:
    circle: dict[str, Any] = {}
    circle["circle"] = circle
    return circle


@pytest.mark.django_db
@pytest.mark.parametrize(
    "details",
    [nested(100_000), round_and_round(), {"number": 10**5000}, {"object": Mute()}, {Mute(): 1}],
    ids=["nested", "in a circle", "a number without a text", "an object without a text", "a key without a text"],
)
def test_no_value_makes_a_transition_fail(details):
    person = make_user()

    person.fsm.lock(by="system", details=details)

    assert assert_true_record(person).state == State.LOCKED


@pytest.mark.parametrize(
    ("details", "kept"),
    [
        (nested(10), {"inner": {"inner": {"inner": {"inner": {"inner": "…"}}}}}),
        ({"object": Mute()}, {"object": "<Mute>"}),
        ({"number": 10**5000}, {"number": "<int>"}),
        ({1: (True, None, 2**53, 2**53 + 1, 0.5)}, {"1": [True, None, 2**53, str(2**53 + 1), "0.5"]}),
    ],
)
def test_what_json_lacks_is_kept_as_text(details, kept):
    assert storable_details(details) == kept


@pytest.mark.django_db
@pytest.mark.parametrize("details", ["7 failed logins", ["7"], 7])
def test_details_that_are_not_a_mapping_are_refused_before_anything_happens(details):
    person = make_user()

    with pytest.raises(TypeError, match="the details of a change are a mapping"):
        person.fsm.lock(by="system", details=details)

    assert assert_true_record(person).state == State.ACTIVE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("until", "error"),
    [
        ("2030-01-01", TypeError),
        (timedelta(hours=1), TypeError),
        (0, TypeError),
        (datetime(1, 1, 1, tzinfo=UTC), ValueError),
        (datetime.max.replace(tzinfo=UTC), ValueError),
    ],
)
def test_an_end_of_a_lock_that_cannot_be_kept_is_refused_with_a_sentence(until, error):
    person = make_user()

    with pytest.raises(error, match="is not"):
        person.fsm.lock(by="system", until=until)

    assert assert_true_record(person).state == State.ACTIVE
    assert not UserStateAudit.objects.filter(user_id=person.pk, transition="lock").exists()
