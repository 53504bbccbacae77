"""People who log in by another field than the username: the same count, the same answer, the same work."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher

from tests.factories import make_user
from users.backends import StateBackend
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def fields(settings):
    settings.USERS_LOGIN_FIELDS = ["username", "email"]


@pytest.fixture
def ada():
    return make_user("ada", email="Ada@example.com", password=PASSWORD)


def log_in(name, password=PASSWORD):
    return authenticate(username=name, password=password)


@pytest.mark.parametrize("name", ["ada", "Ada@example.com", "ada@EXAMPLE.com"])
def test_either_field_leads_to_the_account(ada, name):
    assert log_in(name) == ada


def test_wrong_passwords_count_for_the_account_whatever_it_is_called(ada):
    for name in ("ada", "ada@example.com", "Ada@example.com", "ada", "ADA@example.com"):
        log_in(name, "wrong")

    assert UserFSM.objects.get(user=ada).locked_by_failed_logins
    assert log_in("ada@example.com") is None


@pytest.mark.parametrize("state", [State.INVITED, State.LOCKED, State.DEACTIVATED])
def test_a_shut_account_costs_one_hash_and_gives_no_answer(state, monkeypatch):
    make_user("grace", email="grace@example.com", password=PASSWORD, state=state)
    used, encode = [], MD5PasswordHasher.encode

    def counting(self, password, salt):
        used.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for password in (PASSWORD, "wrong"):
        used.clear()
        assert log_in("grace@example.com", password) is None
        assert len(used) == 1


def test_an_address_of_two_accounts_names_neither(ada):
    make_user("other", email="ada@example.com", password="another one")

    assert log_in("ada@example.com") is None
    assert log_in("ada@example.com", "another one") is None
    assert log_in("ada") == ada


def test_nobody_takes_an_account_over_by_a_username_that_is_anothers_address(ada):
    mallory = make_user("ada@example.com", email="mallory@example.com", password="evil twin")

    assert log_in("ada@example.com") is None
    assert log_in("ada@example.com", "evil twin") == mallory
    assert log_in("ada") == ada


def test_if_the_setting_names_no_field_an_address_is_no_name(ada, settings):
    settings.USERS_LOGIN_FIELDS = []

    assert log_in("ada@example.com") is None


@pytest.mark.parametrize("name", ["", "\0", "x" * 10_000, "@", "a\ud800@example.com"])
def test_a_text_that_can_be_no_name_is_nobodys(ada, name):
    assert StateBackend().find(name) is None


class ByNumber(StateBackend):
    """A backend of a project, which overrides the one method."""

    def find(self, username):
        return super().find(username.removeprefix("staff-"))


def test_an_account_found_in_another_way_is_counted_and_locked_all_the_same(ada, settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.ByNumber"]
    assert log_in("staff-ada") == ada
    for _ in range(5):
        log_in("staff-ada", "wrong")

    assert log_in("staff-ada") is None
    assert UserFSM.objects.get(user=ada).locked_by_failed_logins


@pytest.mark.parametrize("typed", ["ida@bücher.example", "ida@xn--bcher-kva.example", "IDA@BÜCHER.example"])
def test_an_international_address_opens_the_account_in_either_form(client, typed):
    make_user("ida", email="ida@bücher.example", password="correct horse")

    page = client.post("/accounts/login/", {"username": typed, "password": "correct horse"})

    assert page.status_code == 302


def test_a_name_that_a_package_passes_as_an_address_is_counted_too(ada):
    assert authenticate(email="ada@example.com", password=PASSWORD) == ada
    for _ in range(5):
        authenticate(email="ada@example.com", password="wrong")

    assert UserFSM.objects.get(user=ada).locked_by_failed_logins
    assert authenticate(email="ada@example.com", password=PASSWORD) is None


def test_credentials_that_name_no_field_are_another_backends(ada):
    assert authenticate(phone="ada@example.com", password=PASSWORD) is None
