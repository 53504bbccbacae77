import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse"


@pytest.fixture
def ada():
    return make_user("ada", email="ada@example.com", password=PASSWORD)


def browser(**defaults):
    return Client(**defaults)


def log_in(client, password=PASSWORD):
    client.post("/accounts/login/", {"username": "ada", "password": password})


def told():
    return [message.subject for message in outbox.outbox]


def test_a_login_from_another_browser_is_told_with_where_it_came_from(ada):
    log_in(browser())
    log_in(browser(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Firefox <b>"))

    (message,) = outbox.outbox
    assert message.subject == "New login to your account ada"
    assert "From: 203.0.113.9\nBrowser: Firefox <b>" in str(message.body)


def test_the_first_login_of_all_and_later_ones_from_the_same_browser_are_not_told(ada):
    home = browser()
    for _ in range(3):
        log_in(home)
        home.post("/accounts/logout/")

    assert told() == []


def test_a_new_password_makes_no_browser_new(ada):
    home = browser()
    log_in(home)
    ada.set_password("battery staple")
    ada.save()
    outbox.outbox.clear()
    log_in(home, "battery staple")

    assert told() == []


def test_where_nobody_can_be_told_the_notes_of_a_login_are_one_commit_with_its_session(ada):
    log_in(Client())
    User.objects.update(email="")
    log_in(Client())  # with whatever is made once

    with CaptureQueriesContext(connection) as captured:
        log_in(Client())

    sent = [each["sql"] for each in captured]
    notes = next(number for number, sql in enumerate(sent) if '"last_login_at" =' in sql)
    if connection.vendor == "postgresql":
        assert 'INSERT INTO "user_lifecycle_loginsession"' in sent[notes]
        assert not sent[notes - 1].startswith(("BEGIN", "SAVEPOINT")), sent
    else:
        assert [each.split()[0] for each in sent[notes - 1 : notes + 3]] == ["BEGIN", "UPDATE", "INSERT", "COMMIT"]
    assert not outbox.outbox


def test_a_wrong_password_tells_nothing(ada):
    log_in(browser())
    log_in(browser(), "wrong")

    assert told() == []


@pytest.mark.parametrize("agent", ["a\x00b", "\udc80", "x" * 10_000])
def test_a_browser_can_call_itself_anything(ada, agent):
    log_in(browser())
    log_in(browser(HTTP_USER_AGENT=agent))

    assert told() == ["New login to your account ada"]
