from datetime import timedelta

import pytest
from django.core.checks import run_checks

GOOD = "a key of more than thirty-two characters"


def ids():
    return {message.id for message in run_checks(tags=["audit"], databases=[])}


@pytest.mark.parametrize("keys", [[], "one key, which is no list", [b"bytes" * 10], [GOOD, ""], [None], 7])
def test_keys_that_are_no_list_of_secrets_are_an_error(settings, keys):
    settings.AUDIT_SIGNING_KEYS = keys

    assert "audit.E010" in ids()


@pytest.mark.parametrize("keys", [["short"], [GOOD, "x" * 31]])
def test_a_key_short_enough_to_be_guessed_is_warned_of(settings, keys):
    settings.AUDIT_SIGNING_KEYS = keys

    assert ids() & {"audit.E010", "audit.W010"} == {"audit.W010"}


def test_a_short_secret_key_is_warned_of_where_it_signs_the_record(settings):
    settings.AUDIT_SIGNING_KEYS = None
    settings.SECRET_KEY = "short"

    assert "audit.W010" in ids()


@pytest.mark.parametrize("keys", [None, [GOOD], (GOOD, "x" * 32)])
def test_long_keys_and_none_of_our_own_are_fine(settings, keys):
    settings.AUDIT_SIGNING_KEYS = keys

    assert not ids() & {"audit.E010", "audit.W010"}


@pytest.mark.parametrize("value", [None, 365, timedelta(), timedelta(days=-1), "a year"])
def test_a_retention_minimum_that_is_no_length_of_time_is_an_error(settings, value):
    settings.AUDIT_RETENTION_MINIMUM = value

    assert "audit.E011" in ids()


def test_a_retention_minimum_of_some_length_is_fine(settings):
    settings.AUDIT_RETENTION_MINIMUM = timedelta(days=90)

    assert "audit.E011" not in ids()
