"""Mail servers that take a connection and never answer."""

import socket
import threading
import time
from collections.abc import Iterator
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from post_office.models import STATUS, Email
from post_office.settings import mailers_are_configured

from tests.factories import make_user
from users.mail import delivery
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)

SMTP = "django.core.mail.backends.smtp.EmailBackend"
TIMEOUT = 0.3  # seconds
PEOPLE = 10


@pytest.fixture
def silent_server(settings) -> Iterator[list[socket.socket]]:
    """A server that says nothing to anybody; the connections that it has taken."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        if mailers_are_configured():
            options = {"host": host, "port": port, "timeout": TIMEOUT}
            settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
        else:
            settings.EMAIL_BACKEND = SMTP
            settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = host, port, TIMEOUT
        server.settimeout(0.1)
        is_over = threading.Event()

        def take():
            while not is_over.is_set():
                try:
                    taken.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=take)
        thread.start()
        yield taken
        is_over.set()
        thread.join()
    for connection in taken:
        connection.close()


def lock_everybody():
    for number in range(PEOPLE):
        make_user(f"p{number}", email=f"p{number}@example.com")
    UserFSM.objects.bulk_transition("lock", by="system")


def waiting():
    return Email.objects.filter(status=STATUS.queued).count()


def test_whoever_causes_emails_does_not_wait_and_the_process_not_for_all_of_them(settings, silent_server):
    settings.USERS_MAIL_DELIVERY = "thread"
    began = time.monotonic()

    lock_everybody()
    delivery._thread.wait()

    assert len(silent_server) == delivery.MOST_SILENCES
    assert waiting() == PEOPLE - delivery.MOST_SILENCES
    assert time.monotonic() - began < PEOPLE * TIMEOUT + 10  # this machine may be busy


@pytest.fixture
def answers(settings, monkeypatch):
    """What the mail server does, one email after the other: an error, or None if it takes the email."""
    settings.USERS_MAIL_DELIVERY = "worker"
    planned: list[Exception | None] = []
    real = EmailBackend.send_messages

    def send(self, messages):
        if planned and (error := planned.pop(0)):
            raise error
        return real(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    return planned


def wrapped():
    """As `smtplib` hides a silence."""
    error = SMTPServerDisconnected("Connection unexpectedly closed: timed out")
    error.__context__ = TimeoutError("timed out")
    return error


def test_the_next_run_sends_what_was_left(answers):
    lock_everybody()
    answers[:] = [wrapped(), TimeoutError(), wrapped()]

    assert delivery.run(using="default").failed == 3
    assert outbox.outbox == []

    assert delivery.run(using="default").sent == PEOPLE - 3


@pytest.mark.parametrize("between", [None, ValueError("no address"), SMTPServerDisconnected("gone")])
def test_a_server_that_answers_now_and_then_stops_no_run(answers, between):
    lock_everybody()
    answers[:] = [wrapped(), wrapped(), between] * 3

    outcome = delivery.run(using="default")

    assert outcome.sent + outcome.failed == PEOPLE
    assert waiting() == 0
