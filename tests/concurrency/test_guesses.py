"""Many guesses at one account at the same moment, against a threaded server, and what else may come at that moment."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import count as count_up
from threading import Barrier

import httpx
import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.servers import web
from tests.threads import at_once
from users.login import lockout
from users.login.recovery import unlock_link
from users.models import LoginSession, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = "/accounts/login/"
PASSWORD = "correct horse"
LIMIT = 5
GUESSES = 60
ROUNDS = 20


@pytest.fixture
def site(environment):
    """Where a server with two workers of many threads answers."""
    command = ("gunicorn", "--bind", "fd://{fd}", "--workers", "2", "--threads", str(GUESSES // 2), "project.wsgi")
    with web.server(*command, environment=environment, backlog=GUESSES) as url:
        yield url


@contextmanager
def visitors(site, count):
    """Visitors with a login page open each, who send its form at the same moment; each answer is the status."""
    form = httpx.get(site + LOGIN, timeout=120)
    numbers = count_up()
    token = form.cookies["csrftoken"]
    with (
        httpx.Client(base_url=site, timeout=120, limits=httpx.Limits(max_keepalive_connections=0)) as client,
        ThreadPoolExecutor(count) as threads,
    ):

        def log_in_together(username, passwords, address=None):
            together = Barrier(len(passwords))

            def log_in(password):
                together.wait(30)
                fields = {"username": username, "password": password, "csrfmiddlewaretoken": token}
                # From many places, so that the limit of one address is not what stops them.
                origin = address or f"198.51.100.{next(numbers) % 250}"
                headers = {"Cookie": f"csrftoken={token}", "X-Forwarded-For": origin}
                return client.post(LOGIN, data=fields, headers=headers).status_code

            return list(threads.map(log_in, passwords))

        yield log_in_together


def test_of_a_burst_of_guesses_no_more_than_the_limit_get_an_answer(site):
    # On SQLite writers queue anyway.
    rounds = ROUNDS if connection.vendor == "postgresql" else ROUNDS // 4
    chance = random.Random(2026)  # noqa: S311 - a place in a list
    got_in = 0
    with visitors(site, GUESSES) as log_in_together:
        for round_ in range(rounds):
            ada = make_user(f"ada{round_}", password=PASSWORD)
            passwords = [f"guess {number}" for number in range(GUESSES - 1)]
            passwords.insert(chance.randrange(GUESSES), PASSWORD)

            answers = log_in_together(ada.username, passwords)

            assert set(answers) <= {200, 302}
            fsm = UserFSM.objects.get(user=ada)
            (record,) = UserStateAudit.objects.transitions().of(ada).into(State.LOCKED)
            assert record.description == f"{LIMIT} failed logins from 127.0.0.1"
            assert (fsm.current_state, fsm.failed_logins) == (State.LOCKED, LIMIT)
            if 302 in answers:
                got_in += 1
                # It was the right password, before the lock.
                assert answers.count(302) == 1
                assert {each.version for each in LoginSession.objects.filter(user=ada)} <= {record.sequence - 1}
            else:
                assert fsm.failed_logins_untold == LIMIT

    # Where each guess is answered before it counts, the right one gets in every time. Only PostgreSQL queues waiting
    # writers in order; on SQLite, which of them writes first is chance, and a few rounds prove nothing.
    if connection.vendor == "postgresql":
        assert got_in < rounds * 0.9


def test_of_a_burst_from_one_address_no_more_than_its_limit_get_an_answer(site):
    make_user("ada", password=PASSWORD)
    with visitors(site, GUESSES) as log_in_together:
        answers = log_in_together("nobody", ["wrong"] * GUESSES, address="203.0.113.9")
        assert (answers.count(200), answers.count(429)) == (50, GUESSES - 50)

        assert set(log_in_together("ada", [PASSWORD] * 5, address="203.0.113.9")) == {429}
        assert log_in_together("ada", [PASSWORD], address="203.0.113.10") == [302]


def test_right_passwords_at_the_same_moment_all_get_in(site):
    make_user("ada", password=PASSWORD)
    with visitors(site, 50) as log_in_together:
        answers = log_in_together("ada", [PASSWORD] * 50)

    assert answers == [302] * 50


def lock_that_has_ended(name):
    user = make_user(name, password=PASSWORD)
    user.fsm.lock(by="system", until=timezone.now() - timedelta(seconds=1))
    return user


def test_a_lock_that_has_ended_is_lifted_once_by_the_sweep_and_logins_at_the_same_moment():
    ada = lock_that_has_ended("ada")

    outcomes = at_once(
        *[lambda: call_command("unlock_expired", verbosity=0)] * 3,
        *[lambda: authenticate(username="ada", password=PASSWORD)] * 5,
    )

    assert outcomes[3:] == [ada] * 5
    assert (
        UserStateAudit.objects.transitions().of(ada).into(State.ACTIVE).filter(description="lock expired").count() == 1
    )


def test_a_lock_without_end_that_an_administrator_makes_meanwhile_is_not_lifted():
    ada = lock_that_has_ended("ada")
    stale = UserFSM.objects.get(user=ada)
    ada.fsm.unlock(by="system")
    ada.fsm.lock(by="system")

    assert not lockout.lift_expired_lock(stale)
    assert UserFSM.objects.get(user=ada).current_state == State.LOCKED


def test_the_button_pressed_twice_at_once_unlocks_once():
    ada = make_user("ada", email="ada@example.com")
    for _ in range(LIMIT):
        authenticate(username="ada", password="wrong")
    token = unlock_link.make(UserFSM.objects.get(user=ada))

    outcomes = at_once(*[lambda: unlock_link.use(token) is not None] * 4)

    assert sorted(outcomes) == [False, False, False, True]
    assert UserStateAudit.objects.transitions().of(ada).filter(transition="unlock").count() == 1
