"""What is noted of a login holds, whatever the instance in memory says."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY, authenticate
from django.contrib.auth.models import User
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from tests.factories import make_user
from users.login import arrival
from users.models import LoginSession, UserFSM

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"


@pytest.fixture
def ada():
    return make_user("ada", password=PASSWORD)


def welcome(user, **extra):
    """Welcome this user, and return what the request shows."""
    request = RequestFactory().get("/", **extra)
    request.session, storage = SessionStore(), CookieStorage(request)
    request.session[SESSION_KEY] = str(user.pk)
    setattr(request, "_messages", storage)  # noqa: B010 - as Django's middleware does
    arrival.welcome(request, user)
    return [str(message) for message in storage]


def loaded():
    return User.objects.select_related("fsm").get(username="ada")


def move(*names):
    for name in names:
        getattr(UserFSM.objects.get(), name)(by="system")


def test_two_logins_at_once_are_each_told_of_another_last_one(ada):
    first, second = (authenticate(username="ada", password=PASSWORD) for _ in range(2))
    with time_machine.travel(datetime(2026, 5, 4, 9, 30, tzinfo=UTC), tick=False):
        assert welcome(first, REMOTE_ADDR="203.0.113.9") == []

    (told,) = welcome(second)
    assert told == "Your last login was on May 4, 2026, 9:30 a.m. (UTC) from 203.0.113.9."


def test_a_login_by_an_instance_of_before_a_lock_begins_a_session_that_lives(ada):
    stale = loaded()
    move("lock", "unlock")
    welcome(stale)

    assert LoginSession.objects.get().version == UserFSM.objects.get().version


def test_a_login_by_an_instance_from_a_lock_that_is_over_counts_as_any(ada):
    move("lock")
    stale = loaded()
    move("unlock")
    welcome(stale)

    assert UserFSM.objects.get().last_login_at is not None
    assert LoginSession.objects.exists()


def test_nothing_is_noted_of_a_login_to_an_account_that_was_shut_or_deleted_meanwhile(ada):
    stale = loaded()
    move("lock")
    assert welcome(stale) == []
    assert UserFSM.objects.get().last_login_at is None

    loaded().delete()
    assert welcome(stale) == []
    assert not LoginSession.objects.exists()


def test_a_language_that_the_site_does_not_offer_leaves_the_one_before(ada, settings):
    UserFSM._base_manager.update(language="zh-hans")
    settings.LANGUAGES = [("fr", "French")]
    welcome(loaded())

    assert UserFSM.objects.get().language == "zh-hans"
