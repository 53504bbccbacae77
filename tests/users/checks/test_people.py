from datetime import timedelta

import pytest

from users.checks import accounts


@pytest.mark.parametrize(
    "url",
    [
        "https://accounts.example.com",
        "http://localhost:8000",
        "https://accounts.example.com/",
        "https://example.com/accounts",
    ],
)
def test_an_address_of_a_site_is_right(settings, url):
    settings.USERS_SITE_URL = url

    assert accounts.check_site_url(None) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "accounts.example.com",
        "ftp://accounts.example.com",
        "https://",
        "https://a.example?b",
        "https://a.example/#b",
        "https://*",
        "https://[accounts",
    ],
)
def test_links_that_would_lead_nowhere_are_an_error(settings, url):
    settings.USERS_SITE_URL = url

    assert [message.id for message in accounts.check_site_url(None)] == ["users.E006"]


@pytest.mark.parametrize("name", ["INVITATION_MAX_AGE", "UNDO_MAX_AGE", "DORMANT_AFTER", "DORMANT_WARNING"])
@pytest.mark.parametrize(
    ("value", "ids"), [(timedelta(days=1), []), (timedelta(), ["users.E004"]), (7, ["users.E004"])]
)
def test_lengths_of_time_are_positive(settings, name, value, ids):
    setattr(settings, f"USERS_{name}", value)

    assert [message.id for message in accounts.check_durations(None)] == ids
