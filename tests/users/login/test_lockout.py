from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.contrib.auth import aauthenticate, authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from users.login import lockout
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada():
    return make_user("ada", password=PASSWORD)


def log_in(password=PASSWORD, username="ada", *, address=None):
    request = RequestFactory().post("/", REMOTE_ADDR=address) if address else None
    return authenticate(request, username=username, password=password)


def guess(times, **kwargs):
    for _ in range(times):
        assert log_in("wrong", **kwargs) is None


def state_of(user):
    return UserFSM.objects.get(user=user)


def last_record(user):
    return UserStateAudit.objects.transitions().of(user).last()


def test_the_wrong_password_that_reaches_the_limit_locks_once_with_one_record(ada, clock):
    guess(4)
    assert state_of(ada).current_state == State.ACTIVE

    guess(3)

    assert state_of(ada).current_state == State.LOCKED
    (record,) = UserStateAudit.objects.transitions().of(ada).into(State.LOCKED)
    assert (record.start_state, record.description) == (State.ACTIVE, "5 failed logins")
    assert log_in() is None


def test_a_lock_says_how_many_tries_from_which_addresses_and_until_when(ada, clock):
    for address in ("192.0.2.1", "2001:db8::7", "192.0.2.1", "192.0.2.11", "198.51.100.3"):
        guess(1, address=address)

    fsm = state_of(ada)
    addresses = ["192.0.2.1", "2001:db8::7", "192.0.2.11", "198.51.100.3"]
    assert fsm.locked_by_failed_logins
    assert fsm.locked_until == NOON + timedelta(minutes=30)
    assert (fsm.failed_logins, fsm.addresses_of_failed_logins) == (5, addresses)
    assert last_record(ada).description == f"5 failed logins from {', '.join(addresses)}"


def test_the_addresses_that_are_kept_have_an_end(ada, settings):
    settings.USERS_LOCKOUT_FAILURE_LIMIT = 40
    for last in range(40):
        guess(1, address=f"2001:db8:1111:2222:3333:4444:5555:{last + 0x1000:x}")

    fsm = state_of(ada)
    assert fsm.locked_by_failed_logins
    assert 20 < len(fsm.addresses_of_failed_logins) < 40
    assert len(fsm.failed_login_addresses) <= 1000


def test_a_lock_by_hand_was_not_made_by_failed_logins(ada):
    guess(2)
    ada.fsm.lock(by="system", until=NOON + timedelta(days=9999))

    fsm = state_of(ada)
    assert not fsm.locked_by_failed_logins
    assert (fsm.failed_logins, fsm.failed_login_addresses) == (0, "")


def test_a_limit_of_one_locks_with_the_first(ada, settings):
    settings.USERS_LOCKOUT_FAILURE_LIMIT = 1
    guess(1)

    assert state_of(ada).locked_by_failed_logins
    assert last_record(ada).description == "1 failed login"


def test_the_count_begins_anew_after_a_quiet_window(ada, clock):
    guess(4)
    clock.shift(timedelta(minutes=15, seconds=1))
    guess(4, address="192.0.2.1")

    fsm = state_of(ada)
    assert (fsm.current_state, fsm.failed_logins) == (State.ACTIVE, 4)
    assert fsm.addresses_of_failed_logins == ["192.0.2.1"]


def test_no_more_than_the_limit_fit_into_any_window(ada, clock):
    guess(1)
    clock.shift(timedelta(minutes=14))
    guess(3)
    clock.shift(timedelta(minutes=2))
    guess(1)

    assert state_of(ada).current_state == State.LOCKED


def test_without_a_window_only_a_right_password_begins_anew(ada, clock, settings):
    settings.USERS_LOCKOUT_WINDOW = None
    guess(4)
    clock.shift(timedelta(days=365))
    assert log_in() == ada
    guess(4)
    clock.shift(timedelta(days=365))
    guess(1)

    assert state_of(ada).current_state == State.LOCKED


def test_a_right_password_forgives_the_wrong_ones_before_it(ada):
    guess(4)
    assert log_in() == ada
    guess(4)

    assert state_of(ada).current_state == State.ACTIVE


def test_failures_that_a_right_password_has_not_seen_go_on_counting(ada, monkeypatch):
    guess(2)
    check_password = User.check_password

    def slowly(user, password):
        if password == PASSWORD:
            guess(2)
        return check_password(user, password)

    monkeypatch.setattr(User, "check_password", slowly)
    assert log_in() == ada

    assert state_of(ada).failed_logins == 2


def test_a_right_password_is_refused_when_the_account_leaves_active_meanwhile(ada, monkeypatch):
    check_password = User.check_password

    def slowly(user, password):
        UserFSM.objects.get(user=user).deactivate(by="system")
        return check_password(user, password)

    monkeypatch.setattr(User, "check_password", slowly)

    assert log_in() is None


def test_a_wrong_password_counts_where_a_right_one_made_room_meanwhile(ada, monkeypatch):
    guess(4)
    check_password = User.check_password

    def slowly(user, password):
        right = check_password(user, password)
        if not right:
            monkeypatch.undo()
            assert log_in() == ada
        return right

    monkeypatch.setattr(User, "check_password", slowly)
    guess(1)

    fsm = state_of(ada)
    assert (fsm.current_state, fsm.failed_logins) == (State.ACTIVE, 1)


def test_the_guess_that_reaches_the_limit_shuts_the_door_before_it_locks(ada, monkeypatch):
    guess(4)
    check_password = User.check_password

    def slowly(user, password):
        if password == PASSWORD:
            with monkeypatch.context() as context:
                context.setattr(lockout, "_lock_if_full", lambda fsm: None)
                guess(1)
        return check_password(user, password)

    monkeypatch.setattr(User, "check_password", slowly)

    assert log_in() is None
    assert state_of(ada).current_state == State.ACTIVE


def test_work_that_a_crash_left_is_done_by_the_next_attempt(ada, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(lockout, "_lock_if_full", lambda fsm: None)
        guess(5)

    assert log_in() is None

    (record,) = UserStateAudit.objects.transitions().of(ada).into(State.LOCKED)
    assert record.description == "5 failed logins"
    assert state_of(ada).locked_by_failed_logins


def test_an_expired_lock_is_lifted_by_the_next_attempt_as_by_the_system(ada, clock):
    guess(5)
    clock.shift(timedelta(minutes=29, seconds=59))
    assert log_in() is None

    clock.shift(timedelta(seconds=1))
    assert log_in() == ada

    record = last_record(ada)
    assert (record.transition, record.initiated_by, record.description) == ("unlock", "system", "lock expired")
    assert state_of(ada).failed_logins == 0


def test_a_wrong_password_after_an_expired_lock_is_the_first_of_a_new_count(ada, clock):
    guess(5)
    clock.shift(timedelta(minutes=30))
    guess(1)

    fsm = state_of(ada)
    assert (fsm.current_state, fsm.failed_logins) == (State.ACTIVE, 1)


def test_further_guesses_do_not_extend_a_lock(ada, clock):
    guess(5)
    clock.shift(timedelta(minutes=20))
    guess(5)

    assert state_of(ada).locked_until == NOON + timedelta(minutes=30)
    assert UserStateAudit.objects.transitions().of(ada).into(State.LOCKED).count() == 1


@pytest.mark.parametrize("until", [None, NOON + timedelta(days=2)])
def test_an_administrators_lock_is_not_lifted_before_its_time(ada, clock, until):
    ada.fsm.lock(by="system", until=until)
    clock.shift(timedelta(days=1))

    assert log_in() is None
    assert state_of(ada).current_state == State.LOCKED


def test_each_further_lock_within_a_day_lasts_longer(ada, clock):
    lasted = []
    for _ in range(5):
        guess(5)
        until = state_of(ada).locked_until
        lasted.append(until - datetime.now(UTC))
        clock.move_to(until)
    assert lasted == [timedelta(hours=hours) for hours in (0.5, 1, 4, 12, 12)]


def test_a_lock_more_than_a_day_after_the_one_before_lasts_as_long_as_a_first(ada, clock):
    for days in (0, 1, 2):
        clock.move_to(NOON + timedelta(days=days))
        guess(5)
        assert state_of(ada).locked_until == NOON + timedelta(days=days, minutes=30)


def test_the_last_duration_of_the_list_is_for_all_that_follow(ada, clock, settings):
    settings.USERS_LOCKOUT_DURATION = timedelta(minutes=1)
    settings.USERS_LOCKOUT_ESCALATION = [timedelta(minutes=2)]
    lasted = []
    for _ in range(4):
        guess(5)
        until = state_of(ada).locked_until
        lasted.append(until - datetime.now(UTC))
        clock.move_to(until)

    assert lasted == [timedelta(minutes=minutes) for minutes in (1, 2, 2, 2)]


def test_a_failed_login_takes_two_statements_and_a_right_one_too(ada):
    ada.fsm.refresh_from_db()
    for password in ("wrong", PASSWORD):
        with CaptureQueriesContext(connection) as queries:
            log_in(password)

        assert [each["sql"].split()[0] for each in queries] == ["SELECT", "UPDATE"]


def test_a_right_password_takes_the_two_steps_that_a_wrong_one_takes_where_others_came_first(ada, monkeypatch):
    # In one step it would overtake the wrong passwords of a burst.
    guess(3)
    check_password = User.check_password

    def slowly(user, password):
        if password == PASSWORD:
            guess(1)
            queries.clear()
        return check_password(user, password)

    monkeypatch.setattr(User, "check_password", slowly)
    queries = []

    def note(execute, sql, *args):
        queries.append(sql.split()[0])
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        assert log_in() == ada

    assert queries == ["UPDATE", "UPDATE"]


@pytest.mark.parametrize("state", [State.INVITED, State.LOCKED, State.DEACTIVATED])
def test_an_account_that_may_not_log_in_is_refused_with_the_right_password_and_nothing_is_counted(state):
    grace = make_user("grace", state=state, password=PASSWORD)

    assert log_in(username="grace") is None
    guess(6, username="grace")

    fsm = state_of(grace)
    assert (fsm.current_state, fsm.failed_logins, fsm.failed_logins_untold) == (state, 0, 0)


@pytest.mark.parametrize("state", State)
def test_any_refusal_costs_one_hash(state, monkeypatch):
    make_user("ada", state=state, password=PASSWORD)
    counted = count_hashes(monkeypatch)

    for username in ("ada", "nobody"):
        counted.clear()
        guess(1, username=username)
        assert len(counted) == 1


UNREADABLE = ["", "x" * 10_000, "ada\0", "\0", "ada\ud800", "\udcff"]


@pytest.mark.parametrize("text", UNREADABLE, ids=ascii)
def test_an_impossible_name_or_password_costs_the_same_and_counts_for_nobody(ada, text, monkeypatch):
    counted = count_hashes(monkeypatch)

    for credentials in ({"username": text}, {"password": text}):
        counted.clear()
        assert log_in(**{"password": "wrong"} | credentials) is None
        assert len(counted) == 1

    assert state_of(ada).failed_logins == 0


def test_credentials_of_another_kind_are_left_to_another_backend(ada, monkeypatch):
    counted = count_hashes(monkeypatch)

    assert authenticate(token="abc") is None
    assert counted == []


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_login_counts_as_any(ada):
    for _ in range(5):
        assert await aauthenticate(username="ada", password="wrong") is None
    assert await aauthenticate(username="ada", password=PASSWORD) is None

    fsm = await UserFSM.objects.aget(user=ada)
    assert fsm.locked_by_failed_logins
    await sync_to_async(connections.close_all)()


def test_superusers_are_locked_like_anybody():
    root = make_superuser("root", password=PASSWORD)
    guess(5, username="root")

    assert state_of(root).current_state == State.LOCKED


def test_an_old_hash_is_renewed_by_a_login_and_not_by_a_refusal(ada, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    User.objects.filter(pk=ada.pk).update(password=make_password(PASSWORD, hasher="md5"))
    ada.fsm.lock(by="system")
    assert log_in() is None
    assert User.objects.get(pk=ada.pk).password.startswith("md5$")

    ada.fsm.unlock(by="system")
    assert log_in() == ada
    assert User.objects.get(pk=ada.pk).password.startswith("scrypt$")


def count_hashes(monkeypatch):
    """Lists every use of the hasher, from now on."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    used, encode = [], MD5PasswordHasher.encode

    def counting(self, password, salt):
        used.append(ANY)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return used


def test_a_failed_login_with_an_unknown_name_is_logged_without_the_name(ada, caplog):
    guess(1, username="correct horse", address="192.0.2.7")
    guess(1, username="nobody\0")

    lines = [record.getMessage() for record in caplog.records if record.name == "users.login"]
    assert lines == [
        "failed login with an unknown name, from 192.0.2.7",
        "failed login with an unknown name, from CLI",
    ]
    caplog.clear()
    guess(1)
    assert not [record for record in caplog.records if record.name == "users.login"]


@pytest.mark.django_db(transaction=True)
def test_the_login_that_locks_takes_one_statement_beside_those_of_the_lock(ada):
    guess(4)
    with CaptureQueriesContext(connection) as queries:
        guess(1)

    kinds = [each["sql"].removeprefix("1 times: ").split()[0] for each in queries]
    in_one = ["WITH"] if connection.vendor == "postgresql" else ["INSERT", "INSERT", "UPDATE", "UPDATE"]
    assert kinds == ["SELECT", "UPDATE", "BEGIN", "SELECT", *in_one, "COMMIT"]
    assert state_of(ada).locked_by_failed_logins
