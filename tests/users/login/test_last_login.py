from datetime import UTC, datetime

import pytest
import time_machine

from tests.factories import make_superuser, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"


def log_in(client, username="ada", path="/accounts/login/", **extra):
    page = client.post(path, {"username": username, "password": PASSWORD}, follow=True, **extra)
    client.logout()
    return page.text


def test_the_page_after_the_login_says_when_and_from_where_the_last_one_was(client):
    make_user("ada", password=PASSWORD)
    with time_machine.travel(datetime(2026, 5, 4, 9, 30, tzinfo=UTC), tick=False):
        assert "last login" not in log_in(client, REMOTE_ADDR="203.0.113.9")
    with time_machine.travel(datetime(2026, 5, 6, tzinfo=UTC), tick=False):
        page = log_in(client, REMOTE_ADDR="198.51.100.4")

    assert "Your last login was on May 4, 2026, 9:30 a.m. (UTC) from 203.0.113.9." in page


def test_the_admin_says_it_too(client):
    make_superuser("root", password=PASSWORD)
    log_in(client, "root")

    assert "Your last login was on" in log_in(client, "root", "/admin/login/?next=/admin/")


def test_a_login_without_an_address_is_said_without_one(client):
    make_user("ada", password=PASSWORD)
    log_in(client, REMOTE_ADDR="")

    assert "UTC)." in log_in(client)
