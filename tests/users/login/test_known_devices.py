"""An automatic lock does not keep out whoever logs in from a browser that the account knows."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections
from django.test import AsyncClient, Client

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.threads import at_once
from users.actors import ActorKind
from users.causes import Cause
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse"
LOGIN = "/accounts/login/"
COOKIE = "known_device"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(clock):
    return make_user("ada", password=PASSWORD)


def log_in(client, password=PASSWORD, username="ada", address="192.0.2.1"):
    return client.post(LOGIN, {"username": username, "password": password}, REMOTE_ADDR=address).status_code == 302


def known_client(user="ada"):
    """The person's browser, logged out again."""
    client = Client()
    assert log_in(client, username=user)
    client.post("/accounts/logout/")
    return client


def lock_out(username="ada"):
    for _ in range(5):
        log_in(Client(), "guess", username, address="203.0.113.9")
    assert UserFSM.objects.get(user__username=username).locked_by_failed_logins


def state_of(user):
    return UserFSM.objects.get(user=user).current_state


def test_a_right_password_from_a_known_device_opens_the_lock_at_once(ada):
    device = known_client()
    lock_out()

    assert not log_in(Client())
    assert log_in(device)

    assert state_of(ada) == State.ACTIVE
    record = UserStateAudit.objects.of(ada).latest("sequence")
    assert (record.transition, record.cause) == ("unlock", Cause.KNOWN_DEVICE)
    assert (record.actor_id, record.actor_kind) == (ada.pk, ActorKind.USER)
    assert device.get("/accounts/").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(ada, settings):
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    log_in(client)

    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert int(cookie["max-age"]) == 180 * 24 * 3600
    assert "ada" not in cookie.value


def test_wrong_passwords_from_a_known_device_have_a_count_of_their_own(ada, clock):
    device, other = known_client(), known_client()
    lock_out()
    for _ in range(5):
        assert not log_in(device, "guess")

    assert not log_in(device)
    assert log_in(other)


def test_the_count_of_a_device_begins_anew_after_a_day_and_after_a_login(ada, clock):
    device = known_client()
    for day in (0, 1):
        clock.move_to(NOON + timedelta(days=day))
        lock_out()
        for _ in range(4):
            assert not log_in(device, "guess")
        assert log_in(device)
    lock_out()
    assert log_in(device)


def test_a_wrong_password_from_a_known_device_does_not_lengthen_the_lock_or_lock_again(ada):
    device = known_client()
    lock_out()
    before = UserFSM.objects.get(user=ada)
    log_in(device, "guess")

    after = UserFSM.objects.get(user=ada)
    assert (after.version, after.locked_until, after.failed_logins) == (before.version, before.locked_until, 5)


@pytest.mark.parametrize("transition", ["lock", "deactivate"])
def test_an_account_that_an_administrator_has_closed_stays_closed(ada, transition):
    device = known_client()
    getattr(UserFSM.objects.get(user=ada), transition)(by="system")

    assert not log_in(device)


def test_a_new_password_makes_every_device_unknown_but_the_one_where_it_was_chosen(ada):
    elsewhere, here = known_client(), Client()
    assert log_in(here)
    new = {"old_password": PASSWORD, "new_password1": "battery staple", "new_password2": "battery staple"}
    assert here.post("/accounts/password/change/", new).status_code == 302
    here.post("/accounts/logout/")
    lock_out()

    assert not log_in(elsewhere, "battery staple")
    assert log_in(here, "battery staple")


def test_a_device_is_known_for_the_people_who_have_logged_in_with_it(ada):
    grace = make_user("grace", password=PASSWORD)
    device = known_client()
    assert log_in(device, username="grace")
    device.post("/accounts/logout/")
    lock_out()
    assert log_in(device)
    device.post("/accounts/logout/")

    stranger = known_client("grace")
    lock_out()
    assert not log_in(stranger)
    assert state_of(grace) == State.ACTIVE


@pytest.mark.parametrize("value", ["", "nonsense", "a:b:c", "\x80", "x" * 5000, "WzFd:1w:x"])
def test_a_cookie_that_nobody_signed_is_none(ada, value):
    client = Client()
    client.cookies[COOKIE] = value
    lock_out()

    assert not log_in(client)
    assert state_of(ada) == State.LOCKED


def test_a_device_stays_known_after_a_rotation_of_the_key(ada, settings):
    device, late = known_client(), known_client()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    lock_out()
    assert log_in(device)

    settings.SECRET_KEY_FALLBACKS = []
    lock_out()
    assert not log_in(late)
    assert log_in(device)  # remembered anew, by the new key


def test_a_device_is_forgotten_in_the_end(ada, clock):
    device = known_client()
    clock.shift(timedelta(days=181))
    lock_out()

    assert not log_in(device)


@pytest.mark.django_db(transaction=True)
def test_of_guesses_from_a_known_device_at_the_same_moment_no_more_than_its_count_are_checked(ada, monkeypatch):
    device = known_client()
    lock_out()
    cookie = device.cookies[COOKIE].value
    checked, check = [], User.check_password

    def counting(self, raw):
        checked.append(raw)
        return check(self, raw)

    monkeypatch.setattr(User, "check_password", counting)

    def guess():
        client = Client()
        client.cookies[COOKIE] = cookie
        return log_in(client, "guess")

    assert at_once(*[guess] * 12) == [False] * 12
    assert len(checked) == 5


@pytest.mark.django_db(transaction=True)
async def test_a_device_is_remembered_by_asynchronous_servers_too(ada):
    client = AsyncClient()
    answer = await client.post(LOGIN, {"username": "ada", "password": PASSWORD})

    assert answer.status_code == 302
    assert COOKIE in client.cookies
    await sync_to_async(connections.close_all)()
