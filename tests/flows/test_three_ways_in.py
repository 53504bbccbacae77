"""Code and failed logins each move an account, and every move stands in the record."""

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.truth import assert_true_record
from users.conf import conf
from users.states import State

pytestmark = pytest.mark.django_db

RIGHT, WRONG = "correct horse battery staple", "wrong"


def through_djangos_login_page(password):
    browser = Client(headers={"user-agent": "a browser"})
    browser.post(reverse("user_lifecycle:login"), {"username": "ada", "password": password})


def through_the_admins_login_page(password):
    client = Client(headers={"user-agent": "a browser"})
    client.post(reverse("admin:login"), {"username": "ada", "password": password, "next": "/admin/"})


def through_authenticate(password):
    authenticate(username="ada", password=password)


LOGINS = {
    through_djangos_login_page: ("anonymous", "127.0.0.1", "a browser"),
    through_the_admins_login_page: ("anonymous", "127.0.0.1", "a browser"),
    through_authenticate: ("CLI", "CLI", ""),
}


@pytest.fixture
def ada():
    return make_user(password=RIGHT, is_staff=True)


def story_of(user):
    records = UserStateAudit.objects.transitions().of(user)
    return [(each.transition, each.initiated_by) for each in records]


def test_code_moves_an_account(ada):
    boss = make_superuser()

    ada.fsm.lock(by=boss, description="reported stolen")
    ada.fsm.unlock(by="helpdesk")
    ada.fsm.deactivate()

    assert_true_record(ada)
    assert story_of(ada) == [("activate", "system"), ("lock", "root"), ("unlock", "helpdesk"), ("deactivate", "CLI")]
    assert UserStateAudit.objects.transitions().of(ada).get(sequence=2).description == "reported stolen"


@pytest.mark.parametrize("log_in", LOGINS, ids=lambda log_in: log_in.__name__)
def test_failed_logins_lock_an_account_for_a_while(ada, log_in):
    actor, address, browser = LOGINS[log_in]
    for _ in range(conf.lockout_failure_limit - 1):
        log_in(WRONG)
    assert assert_true_record(ada).state == State.ACTIVE

    log_in(WRONG)

    assert assert_true_record(ada).state == State.LOCKED
    record = UserStateAudit.objects.transitions().of(ada).latest()
    assert (record.transition, record.initiated_by) == ("lock", actor)
    assert (record.ip_address, record.user_agent) == (address, browser)
    ada.fsm.refresh_from_db()
    assert ada.fsm.locked_until > timezone.now()
    assert authenticate(username="ada", password=RIGHT) is None


def test_a_lock_that_ended_is_lifted_by_the_system_at_the_next_login(ada, time_machine):
    for _ in range(conf.lockout_failure_limit):
        through_djangos_login_page(WRONG)

    time_machine.move_to(timezone.now() + conf.lockout_duration)

    assert authenticate(username="ada", password=RIGHT) == ada
    assert assert_true_record(ada).state == State.ACTIVE
    assert story_of(ada)[1:] == [("lock", "anonymous"), ("unlock", "system")]


@pytest.mark.parametrize("state", [State.INVITED, State.LOCKED, State.DEACTIVATED])
def test_only_an_active_account_can_log_in_and_what_is_refused_moves_nothing(state):
    user = make_user(state=state, password=RIGHT)
    before = assert_true_record(user)
    client = Client()

    for _ in range(conf.lockout_failure_limit + 1):
        assert not client.login(username="ada", password=WRONG)
        assert not client.login(username="ada", password=RIGHT)

    assert assert_true_record(user) == before


def test_a_session_ends_at_its_next_request_when_its_account_leaves_active(ada):
    client = Client()
    client.login(username="ada", password=RIGHT)
    assert client.get(reverse("user_lifecycle:account")).status_code == 200

    ada.fsm.lock(by="system")

    assert client.get(reverse("user_lifecycle:account")).status_code == 302
