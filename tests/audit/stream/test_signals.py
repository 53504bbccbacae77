"""Signals to `audit_stream --follow` in the middle of its work: nothing is lost, and what arrives twice is the same."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.core.management import call_command

from audit.models import StreamCursor, UserStateAudit
from tests.audit.stream.receivers import Answer, Receiver, with_status
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT = 60  # seconds after which a test that hangs fails


def until(true: Callable[[], bool]) -> None:
    """Wait for another process."""
    deadline = time.monotonic() + TIMEOUT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def slow(handler) -> None:
    time.sleep(0.05)
    with_status(204).give(handler)


@pytest.fixture
def following(receiver, environment, settings):
    """A stream of sixteen records to a slow receiver, which has taken some of them."""
    for number in range(8):
        make_user(f"person-{number}")
    receiver.answers = [Answer(keeps=True, give=slow)] * 1000
    arguments = [sys.executable, "-m", "django", "audit_stream", "--to", receiver.url, "--follow"]
    secret = {"AUDIT_STREAM_WEBHOOK_SECRET": settings.AUDIT_STREAM_WEBHOOK_SECRET}
    # A shell lets its jobs in the background ignore SIGINT, and processes inherit that.
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(arguments, env=environment | secret, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, inherited)
    with process:
        until(lambda: len(receiver.received) >= 5)
        yield process
        process.kill()


def assert_nothing_is_lost(receiver: Receiver) -> None:
    """Assert that each record arrived, in order, and those that arrived twice with the same id and text."""
    first = list(dict.fromkeys(receiver.received))
    keys = [json.loads(body)["id"] for _, body in first]
    assert keys == list(UserStateAudit.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_stream_that_is_told_to_stop_notes_what_was_taken(following, receiver, pauses, name):
    following.send_signal(signal.Signals[name])

    _, errors = following.communicate(timeout=TIMEOUT)

    assert errors.endswith("stopped\n")
    assert following.returncode == 0
    cursor = StreamCursor.objects.get()
    assert cursor.held_until is None
    assert len(receiver.received) - cursor.delivered in (0, 1)  # the one whose answer was not waited for
    call_command("audit_stream", to=receiver.url)
    assert_nothing_is_lost(receiver)


def test_a_stream_that_was_killed_is_continued_when_its_lease_has_ended(following, receiver, pauses):
    following.kill()
    following.wait(TIMEOUT)
    StreamCursor.objects.update(held_until=None)  # as after its lease

    call_command("audit_stream", to=receiver.url)

    assert_nothing_is_lost(receiver)


def test_a_stream_that_slept_while_another_took_over_ends_and_moves_nothing(following, receiver, pauses):
    following.send_signal(signal.SIGSTOP)
    StreamCursor.objects.update(held_until=None)  # as after its lease
    call_command("audit_stream", to=receiver.url)
    place = StreamCursor.objects.get().last_id

    following.send_signal(signal.SIGCONT)
    _, errors = following.communicate(timeout=TIMEOUT)

    assert "another process has taken over the cursor" in errors
    assert following.returncode == 1
    assert StreamCursor.objects.get().last_id == place
    assert_nothing_is_lost(receiver)
