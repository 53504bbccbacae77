"""Checks of the settings of the API and SCIM."""

from datetime import timedelta

import pytest

from users.checks import api


def ids(messages):
    return [message.id for message in messages]


@pytest.mark.parametrize("rate", [None, "600/minute", "10/s", "1/day"])
def test_a_rate_is_right(settings, rate):
    settings.USERS_API_RATE = rate

    assert api.check_api_rate(None) == []


@pytest.mark.parametrize("rate", ["", "600", "0/minute", "x/minute", "600/fortnight", 600])
def test_a_rate_that_is_none_is_an_error(settings, rate):
    settings.USERS_API_RATE = rate

    assert ids(api.check_api_rate(None)) == ["users.E081"]


@pytest.mark.parametrize(
    ("value", "found"), [(timedelta(hours=1), []), (timedelta(), ["users.E082"]), (60, ["users.E082"])]
)
def test_answers_are_kept_for_a_positive_time(settings, value, found):
    settings.USERS_API_IDEMPOTENCY_LIFETIME = value

    assert ids(api.check_idempotency_lifetime(None)) == found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("USERS_SCIM_ACTIVATION", "reactivate", []),
        ("USERS_SCIM_ACTIVATION", "invite", []),
        ("USERS_SCIM_ACTIVATION", "explode", ["users.E083"]),
        ("USERS_SCIM_DELETE", "deactivate", []),
        ("USERS_SCIM_DELETE", "delete", []),
        ("USERS_SCIM_DELETE", True, ["users.E083"]),
    ],
)
def test_scim_does_one_of_two_things(settings, name, value, found):
    setattr(settings, name, value)

    assert ids(api.check_scim_choices(None)) == found


def test_nothing_set_is_nothing_wrong():
    assert [message for check in api.ALL for message in check(None)] == []
