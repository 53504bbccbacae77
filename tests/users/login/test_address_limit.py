from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import include, path

from tests.factories import make_user
from tests.threads import at_once
from users.login import address_limit, attempts
from users.models import RecentAttempts, UserFSM

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse"
LOGINS = ["/accounts/login/", "/admin/login/"]
STRANGER = "203.0.113.7"


@pytest.fixture(autouse=True)
def limit(settings):
    """Three failures in a quarter of an hour."""
    settings.USERS_LOCKOUT_ADDRESS_LIMIT = 3


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def try_name(client, name, path="/accounts/login/", address=STRANGER, **data):
    return client.post(path, {"username": name, "password": "wrong"} | data, REMOTE_ADDR=address)


@pytest.mark.parametrize("path", LOGINS)
def test_an_address_that_tries_many_names_has_to_wait(client, clock, path):
    for name in ("ada", "grace", "linus"):
        assert try_name(client, name, path).status_code == 200
        clock.shift(timedelta(minutes=1))

    refused = try_name(client, "barbara", path)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(12 * 60)
    assert "Try again in 12 minutes" in refused.text
    assert "no-store" in refused.headers["Cache-Control"]
    assert all(try_name(client, "ada", other).status_code == 429 for other in LOGINS)
    assert client.get(path, REMOTE_ADDR=STRANGER).status_code == 200


def test_the_right_password_has_to_wait_too_and_gets_in_elsewhere(client, clock):
    make_user("ada", password=PASSWORD)
    for _ in range(3):
        try_name(client, "nobody")

    assert try_name(client, "ada", password=PASSWORD).status_code == 429
    assert try_name(client, "ada", password=PASSWORD, address="203.0.113.8").status_code == 302


def test_a_place_is_free_again_when_its_window_has_passed(client, clock):
    for _ in range(3):
        try_name(client, "nobody")
        clock.shift(timedelta(minutes=5))
    assert try_name(client, "nobody").status_code == 200
    assert try_name(client, "nobody").status_code == 429


def test_a_refused_login_does_not_count_for_the_account(client, clock):
    ada = make_user("ada", password=PASSWORD)
    for _ in range(20):
        try_name(client, "ada")

    assert UserFSM.objects.get(user=ada).failed_logins == 3


def test_right_passwords_do_not_count(client, clock):
    make_user("ada", password=PASSWORD)
    for _ in range(10):
        assert try_name(client, "ada", password=PASSWORD).status_code == 302


def test_an_impossible_name_counts_as_a_failed_login(client, clock):
    for name in ("", "\0", "x" * 10_000):
        assert try_name(client, name).status_code == 200

    assert try_name(client, "ada").status_code == 429


@pytest.mark.parametrize("address", ["10.1.2.3", "2001:db8::1", "::ffff:10.1.2.3", ""])
def test_trusted_networks_are_exempt_and_so_is_who_has_no_address(client, settings, address):
    settings.USERS_LOCKOUT_TRUSTED_NETWORKS = ["10.0.0.0/8", "2001:db8::/32"]
    for _ in range(6):
        assert try_name(client, "nobody", address=address).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_loopback_has_the_limit_of_any_address(client, address):
    for _ in range(3):
        assert try_name(client, "nobody", address=address).status_code == 200
    assert try_name(client, "nobody", address=address).status_code == 429


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", ""])
def test_behind_a_proxy_on_this_host_that_nobody_named_each_client_has_a_limit_of_its_own(client, peer):
    def guess(forwarded):
        data = {"username": "nobody", "password": "wrong"}
        return client.post(LOGINS[0], data, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded).status_code

    # What the client wrote itself stands before what the proxy added.
    assert [guess(f"198.51.100.{number}, {STRANGER}") for number in range(4)] == [200, 200, 200, 429]
    assert guess("203.0.113.8") == 200


@pytest.mark.parametrize("nearer", ["127.0.0.1", "::1", "127.0.0.1, ::ffff:127.0.0.1"])
def test_behind_two_proxies_on_this_host_each_client_has_a_limit_of_its_own_too(client, nearer):
    def guess(forwarded):
        data = {"username": "nobody", "password": "wrong"}
        return client.post(LOGINS[0], data, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded).status_code

    assert [guess(f"198.51.100.{number}, {STRANGER}, {nearer}") for number in range(4)] == [200, 200, 200, 429]
    assert guess(f"203.0.113.8, {nearer}") == 200
    assert [guess(nearer) for _ in range(4)] == [200, 200, 200, 429]


def test_a_header_from_an_unknown_client_does_not_count(client):
    guess = {"username": "nobody", "password": "wrong"}
    statuses = [
        client.post(LOGINS[0], guess, REMOTE_ADDR=STRANGER, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}").status_code
        for number in range(4)
    ]
    assert statuses == [200, 200, 200, 429]


def test_without_a_limit_nobody_waits(client, settings):
    settings.USERS_LOCKOUT_ADDRESS_LIMIT = None
    for _ in range(6):
        assert try_name(client, "nobody").status_code == 200


def test_the_addresses_of_one_ipv6_network_are_one(client, clock):
    for last in range(3):
        assert try_name(client, "nobody", address=f"2001:db8:1:2::{last}").status_code == 200

    assert try_name(client, "nobody", address="2001:db8:1:2:ffff::").status_code == 429
    assert try_name(client, "nobody", address="2001:db8:1:3::").status_code == 200


def test_a_login_without_a_request_has_no_address():
    for _ in range(6):
        authenticate(username="nobody", password="wrong")

    assert not RecentAttempts.objects.exists()


def guess_from(address=STRANGER, username="nobody", password="wrong"):
    return authenticate(RequestFactory().post("/", REMOTE_ADDR=address), username=username, password=password)


def take(key="login:x", limit=3):
    return attempts.take(key, limit=limit, window=timedelta(minutes=15))


@pytest.mark.django_db(transaction=True)
def test_of_attempts_at_the_same_moment_exactly_as_many_as_the_limit_take_a_place():
    outcomes = at_once(*[lambda: take(limit=5)] * 12)

    assert outcomes.count(None) == 5
    assert all(890 <= seconds <= 900 for seconds in outcomes if seconds is not None)
    assert len(RecentAttempts.objects.get().moments) == 5


def test_the_right_password_of_a_burst_that_was_over_the_limit_does_not_get_in(clock):
    make_user("ada", password=PASSWORD)
    for _ in range(3):
        guess_from()

    assert guess_from(username="ada", password=PASSWORD) is None
    assert guess_from(address="203.0.113.8", username="ada", password=PASSWORD) is not None


def test_the_table_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(attempts, "MOST_KEYS", 5)
    monkeypatch.setattr(attempts, "TIDY_EVERY", 1)
    for number in range(20):
        take(f"login:{number}")
        clock.shift(timedelta(seconds=1))

    assert set(RecentAttempts.objects.values_list("key", flat=True)) == {f"login:{number}" for number in range(15, 20)}


def test_rows_that_no_window_needs_are_deleted(clock, monkeypatch):
    take("login:old")
    clock.shift(timedelta(days=3))
    monkeypatch.setattr(attempts, "TIDY_EVERY", 1)
    take("login:new")

    assert RecentAttempts.objects.get().key == "login:new"


def test_a_long_window_keeps_its_rows(clock, monkeypatch):
    week = timedelta(days=7)
    attempts.take("login:old", limit=3, window=week)
    clock.shift(timedelta(days=3))
    monkeypatch.setattr(attempts, "TIDY_EVERY", 1)
    attempts.take("login:new", limit=3, window=week)

    assert RecentAttempts.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_those_who_tidy_at_the_same_moment_do_not_wait_for_each_other(monkeypatch):
    monkeypatch.setattr(attempts, "MOST_KEYS", 3)
    monkeypatch.setattr(attempts, "TIDY_EVERY", 1)

    outcomes = at_once(*[lambda number=number: take(f"login:{number}") for number in range(12)])

    assert outcomes == [None] * 12
    assert RecentAttempts.objects.count() <= 12
    attempts.tidy(datetime.now(UTC))
    assert RecentAttempts.objects.count() == 3


def test_a_lower_limit_holds_for_what_was_counted_before(clock):
    for _ in range(3):
        take()
        clock.shift(timedelta(minutes=1))
    assert take(limit=1) == 14 * 60
    assert attempts.wait("login:x", limit=1, window=timedelta(minutes=15)) == 14 * 60


class ForeignBackend(ModelBackend):
    """Counts no passwords, as those of other packages."""


def foreign_login(request):
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    return HttpResponse("in" if user else "wrong", status=200 if user else 401)


def login_without_request(request):
    user = authenticate(username=request.POST["username"], password=request.POST["password"])
    return HttpResponse("in" if user else "wrong", status=200 if user else 401)


urlpatterns = [
    path("token/", foreign_login),
    path("function/", login_without_request),
    path("deep/", include([path("nameless/", login_without_request)])),
]


@pytest.mark.urls(__name__)
def test_a_login_view_that_is_not_named_answers_429_too_and_needs_no_url_of_ours(client, settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.ForeignBackend"]
    statuses = [try_name(client, "nobody", "/token/").status_code for _ in range(5)]

    assert statuses == [401, 401, 401, 429, 429]
    refused = try_name(client, "nobody", "/token/")
    assert "Too many failed logins" in refused.text
    assert 1 <= int(refused.headers["Retry-After"]) <= 900


@pytest.mark.urls(__name__)
def test_a_view_that_keeps_its_request_to_itself_is_limited_too(client):
    assert [try_name(client, "nobody", "/function/").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    make_user("ada", password=PASSWORD)
    assert try_name(client, "ada", "/function/", password=PASSWORD).status_code == 429
    assert try_name(client, "ada", "/function/", address="203.0.113.8", password=PASSWORD).status_code == 200


@pytest.mark.urls(__name__)
def test_a_url_without_a_name_is_named_by_its_path(client, settings):
    settings.USERS_LOGIN_URLS = ["deep/nameless/"]
    for _ in range(3):
        try_name(client, "nobody", "/deep/nameless/")

    with patch("users.backends.make_password") as hashing:
        assert try_name(client, "nobody", "/deep/nameless/").status_code == 429
    assert hashing.call_count == 0


@pytest.mark.urls(__name__)
def test_a_machine_is_answered_in_json(client):
    for _ in range(3):
        try_name(client, "nobody", "/token/")

    data = {"username": "nobody", "password": "wrong"}
    refused = client.post("/token/", data, REMOTE_ADDR=STRANGER, HTTP_ACCEPT="application/json")
    assert refused.status_code == 429
    assert refused.json() == {"detail": "Too many failed logins"}


def test_an_ipv6_address_is_counted_by_its_network(settings):
    assert address_limit.key_of("2001:db8:1:2:3:4:5:6") == "login:2001:db8:1:2::"
    assert address_limit.key_of("") == ""
