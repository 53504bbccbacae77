"""Real processes on one account: not one change without its record, whatever the order, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django_fsm_log.models import StateLog

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start_writers(environment):
    """Starts writers on an account, who begin together, and gives their process ids; ends whoever is left."""
    started = []

    def start(user, *, writers, attempts):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.concurrency.writers", *map(str, (user.pk, writers, attempts))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        pids = json.loads(process.stdout.readline())
        started.append((process, pids))
        process.stdin.write("go\n")
        process.stdin.flush()
        return process, pids

    yield start
    for process, pids in started:
        if process.poll() is None:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=30)


def outcomes_of(process):
    """How many changes the writers made that they know of, and how many were refused."""
    printed, _ = process.communicate(timeout=240)
    outcomes = [json.loads(line) for line in printed.splitlines()]
    return sum(each["changed"] for each in outcomes), sum(each["refused"] for each in outcomes)


def assert_unbroken(user: User) -> int:
    """Assert that the record has no gap and no break in any order; return how many changes it holds."""
    records = UserStateAudit.objects.transitions().filter(user_id=user.pk)
    by_sequence = list(records.order_by("sequence"))
    assert [each.sequence for each in by_sequence] == list(range(1, len(by_sequence) + 1))
    for before, after in pairwise(by_sequence):
        assert before.end_state == after.start_state
        assert before.pk < after.pk
        assert before.datetime <= after.datetime  # in whole milliseconds
    state_logs = StateLog.objects.filter(object_id=UserFSM.objects.get(user=user).pk).order_by("pk")
    assert [(each.source_state, each.state, each.timestamp) for each in state_logs] == [
        (each.start_state, each.end_state, each.datetime) for each in by_sequence
    ]
    assert_true_record(user)
    return len(by_sequence)


def test_two_thousand_attempts_of_sixteen_writers_leave_one_unbroken_record(start_writers):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one at a time, sixteen would queue for long; the next test has fewer")
    user = make_user()

    process, _ = start_writers(user, writers=16, attempts=125)

    changed, refused = outcomes_of(process)
    assert changed + refused == 2000
    assert refused > 0
    assert assert_unbroken(user) == 1 + changed


def test_writers_in_processes_leave_one_unbroken_record(start_writers):
    user = make_user()

    process, _ = start_writers(user, writers=4, attempts=40)

    changed, refused = outcomes_of(process)
    assert changed + refused == 160
    assert assert_unbroken(user) == 1 + changed


def test_writers_that_are_killed_leave_nothing_half(start_writers):
    user = make_user()
    process, pids = start_writers(user, writers=3, attempts=100_000)

    for number, pid in enumerate(pids, start=1):
        while UserStateAudit.objects.transitions().count() < 15 * number:
            assert process.poll() is None
        os.kill(pid, signal.SIGKILL)
    process.wait(timeout=30)

    assert assert_unbroken(user) >= 45
    user.fsm.refresh_from_db()
    (possible, *_) = user.fsm.get_available_current_state_transitions()
    getattr(user.fsm, possible.name)(by="survivor")
    assert assert_unbroken(user) == user.fsm.version
