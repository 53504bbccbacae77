from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache

from tests import redis
from tests.factories import make_user
from tests.threads import at_once
from users.login import address_limit
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse"
LOGINS = ["/accounts/login/", "/admin/login/"]
STRANGER = "203.0.113.7"


@pytest.fixture(autouse=True)
def limit(settings):
    """Three failures in a quarter of an hour, in a cache that is empty."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limit"}}
    settings.USERS_LOCKOUT_ADDRESS_LIMIT = 3
    cache.clear()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(params=["database", "redis"])
def shared_cache(request, settings, tmp_path):
    """Django's caches that several workers can share."""
    if request.param == "database":
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
        cache.clear()
        yield
    elif redis.PROGRAM is None:
        pytest.skip("redis-server is not installed; on Debian: apt-get install redis-server")
    else:
        with redis.server(tmp_path) as url:
            settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}
            yield
            caches.close_all()


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


def test_what_is_refused_does_not_count_for_the_account(client, clock):
    ada = make_user("ada", password=PASSWORD)
    for _ in range(20):
        try_name(client, "ada")

    assert UserFSM.objects.get(user=ada).failed_logins == 3


def test_right_passwords_do_not_count(client, clock):
    make_user("ada", password=PASSWORD)
    for _ in range(10):
        assert try_name(client, "ada", password=PASSWORD).status_code == 302


def test_what_is_no_name_at_all_counts_as_a_failed_login(client, clock):
    for name in ("", "\0", "x" * 10_000):
        assert try_name(client, name).status_code == 200

    assert try_name(client, "ada").status_code == 429


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.1.2.3", "2001:db8::1", ""]
)
def test_loopback_and_trusted_networks_are_exempt_and_so_is_who_has_no_address(client, settings, address):
    settings.USERS_LOCKOUT_TRUSTED_NETWORKS = ["10.0.0.0/8", "2001:db8::/32"]
    for _ in range(6):
        assert try_name(client, "nobody", address=address).status_code == 200


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

    assert not address_limit.retry_after(STRANGER)


class BrokenCache(LocMemCache):
    def get_many(self, *args, **kwargs):
        raise ConnectionError("the cache is down")


def test_a_cache_that_is_down_keeps_nobody_out_and_is_logged(client, settings, caplog):
    ada = make_user("ada", password=PASSWORD)
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.BrokenCache"}}

    for _ in range(5):
        assert try_name(client, "ada").status_code == 200

    assert "the cache is down" in caplog.text
    assert UserFSM.objects.get(user=ada).current_state == State.LOCKED


@pytest.mark.usefixtures("shared_cache")
def test_shared_caches_count(client):
    for _ in range(3):
        assert try_name(client, "nobody").status_code == 200

    refused = try_name(client, "nobody")
    assert refused.status_code == 429
    assert 890 <= int(refused.headers["Retry-After"]) <= 900
    assert try_name(client, "nobody", address="203.0.113.8").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shared_cache")
def test_failures_at_the_same_moment_take_a_place_each(settings):
    settings.USERS_LOCKOUT_ADDRESS_LIMIT = 20
    at_once(*[lambda: address_limit.count(STRANGER)] * 10)

    taken = cache.get_many([f"users.address_limit.{STRANGER}.{place}" for place in range(20)])
    assert len(taken) == 10
