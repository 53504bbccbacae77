import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from post_office.models import STATUS, Email, Log
from post_office.settings import mailers_are_configured

from tests.factories import make_user
from tests.mail_errors import EVERY_KIND_OF_ERROR
from users import mail
from users.conf import conf
from users.mail import delivery, standing
from users.mail.standing import Standing
from users.models import Mail

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
USING = "default"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def worker(settings):
    """Only `run` sends."""
    settings.USERS_MAIL_DELIVERY = "worker"


@pytest.fixture
def people(worker):
    """Three people, each with an email that waits."""
    people = [make_user(name, email=f"{name}@example.com") for name in ("ann", "bob", "carl")]
    for user in people:
        user.fsm.lock(by="system")
    return people


@pytest.fixture
def server(monkeypatch):
    """A mail server; `server[address] = error` lets it refuse somebody."""
    refused: dict[str, BaseException] = {}
    real = EmailBackend.send_messages

    def send(self, messages):
        if error := refused.get(messages[0].to[0]):
            raise error
        return real(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    return refused


def standings():
    return {each.user.username: standing.of(each) for each in Mail.objects.select_related("email", "user")}


def reason(user):
    return standing.reason(standing.with_reasons(Mail.objects.filter(user=user)).first())


@pytest.mark.parametrize("error", EVERY_KIND_OF_ERROR, ids=lambda error: type(error).__name__)
def test_no_kind_of_error_stops_the_next_persons_email(people, server, error):
    server["bob@example.com"] = error

    outcome = delivery.run(using=USING)

    assert (outcome.sent, outcome.failed) == (2, 1)
    assert [message.to for message in outbox.outbox] == [["ann@example.com"], ["carl@example.com"]]
    assert standings() == {"ann": Standing.SENT, "bob": Standing.WAITING, "carl": Standing.SENT}
    assert reason(people[1]).startswith(type(error).__name__)


@pytest.mark.parametrize("step", ["open", "close"])
def test_a_server_that_cannot_be_reached_or_left_fails_nothing_but_the_emails(people, monkeypatch, step):
    def broken(self):
        raise RuntimeError("broken")

    with monkeypatch.context() as without_server:
        without_server.setattr(EmailBackend, step, broken)
        outcome = delivery.run(using=USING)
    assert outcome.failed == (3 if step == "open" else 0)

    Email.objects.update(scheduled_time=None)
    delivery.run(using=USING)
    assert set(standings().values()) == {Standing.SENT}


@pytest.mark.parametrize(("count", "is_sent"), [(0, False), (False, False), (1, True), (None, True)])
def test_a_backend_that_says_it_sent_none_is_believed(people, monkeypatch, count, is_sent):
    """Some say nothing at all, which Django does not mind either."""
    monkeypatch.setattr(EmailBackend, "send_messages", lambda self, messages: count)

    outcome = delivery.run(using=USING)

    assert (outcome.sent, outcome.failed) == ((3, 0) if is_sent else (0, 3))
    assert reason(people[0]) == ("" if is_sent else "EmailNotTaken: the backend took no email, and gave no reason")


class OfAnotherSignature(EmailBackend):
    """A backend that cannot be made with what Django gives to each."""

    def __init__(self, region: str) -> None:
        super().__init__()


@pytest.mark.skipif(mailers_are_configured(), reason="with MAILERS, BACKENDS is not read")
def test_a_backend_that_cannot_be_made_fails_nothing_but_the_emails(people, settings):
    settings.POST_OFFICE = {"BACKENDS": {"default": f"{__name__}.OfAnotherSignature"}}

    assert delivery.run(using=USING).failed == 3
    assert reason(people[0]).startswith("TypeError: ")


@pytest.mark.parametrize("context", [None, {}, {"mail": {}}, "nonsense"], ids=str)
def test_a_damaged_row_fails_nothing_but_itself(people, context):
    Email.objects.filter(person_mail__user=people[1]).update(context=context)

    outcome = delivery.run(using=USING)

    assert (outcome.sent, outcome.failed) == (2, 1)
    assert standings() == {"ann": Standing.SENT, "bob": Standing.WAITING, "carl": Standing.SENT}


@pytest.mark.parametrize("error", [None, ValueError("no such mailbox")], ids=["sent", "refused"])
def test_a_person_who_is_deleted_while_an_email_is_sent_stops_nobody(people, monkeypatch, error):
    real = EmailBackend.send_messages

    def send(self, messages):
        if messages[0].to == ["bob@example.com"]:
            people[1].delete()
            if error:
                raise error
        return real(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)

    delivery.run(using=USING)

    assert standings() == {"ann": Standing.SENT, "carl": Standing.SENT}


def test_a_person_who_is_deleted_just_before_an_email_is_sent_stops_nobody(people, monkeypatch):
    real, claims = QuerySet.update, []

    def update_and_delete(self, **columns):
        count = real(self, **columns)
        if [*columns] == ["scheduled_time"]:
            claims.append(count)
            if len(claims) == 2:
                people[1].delete()
        return count

    monkeypatch.setattr(QuerySet, "update", update_and_delete)

    delivery.run(using=USING)

    assert standings() == {"ann": Standing.SENT, "carl": Standing.SENT}


def test_an_email_is_sent_once_however_often_the_queue_is_worked_off(people):
    delivery.run(using=USING)
    delivery.run(using=USING)

    assert len(outbox.outbox) == 3


def test_an_email_is_tried_again_after_longer_and_longer_and_then_has_failed(people, server, clock, settings):
    settings.USERS_MAIL_RETRIES = [timedelta(minutes=1), timedelta(hours=1)]
    server |= {f"{user.username}@example.com": ValueError("no") for user in people}
    tries = []
    for minutes in (0, 0, 1, 30, 61, 10_000):
        clock.move_to(NOW + timedelta(minutes=minutes))
        tries.append(delivery.run(using=USING).failed)

    assert tries == [3, 0, 3, 0, 3, 0]
    assert set(standings().values()) == {Standing.FAILED}
    assert Log.objects.filter(status=STATUS.failed).count() == 9


def test_a_reason_that_a_database_cannot_keep_is_kept_as_far_as_it_can(people, server, caplog):
    caplog.set_level(logging.CRITICAL, "users.mail")  # a report of a test with this reason cannot be encoded
    server["ann@example.com"] = ValueError("a\x00b\ud800" + "c" * 100_000)

    delivery.run(using=USING)

    assert reason(people[0]).startswith("ValueError: a\ufffdb\ufffdccc")
    assert len(outbox.outbox) == 2


def test_a_process_that_ends_while_it_sends_leaves_the_email_waiting(people, monkeypatch, clock):
    def power_cut(self, messages):
        raise SystemExit

    with monkeypatch.context() as cut:
        cut.setattr(EmailBackend, "send_messages", power_cut)
        with pytest.raises(SystemExit):
            delivery.run(using=USING)
    assert standings()["ann"] is Standing.WAITING

    delivery.run(using=USING)
    assert standings() == {"ann": Standing.WAITING, "bob": Standing.SENT, "carl": Standing.SENT}
    clock.shift(delivery.CLAIMED_FOR)
    delivery.run(using=USING)
    assert set(standings().values()) == {Standing.SENT}


def test_the_queue_holds_no_text_and_no_link(people):
    for email in Email.objects.all():
        assert (email.subject, email.message, email.html_message) == ("", "", "")
        assert "http" not in str(email.context)


def test_an_email_does_not_go_to_an_address_that_the_account_no_longer_has(people):
    with mail.untold():
        User.objects.filter(username="ann").update(email="new@example.com")

    delivery.run(using=USING)

    assert ["ann@example.com"] not in [message.to for message in outbox.outbox]
    assert "another address" in reason(people[0])


def test_emails_that_wait_for_a_person_go_with_the_person(people):
    people[0].delete()
    delivery.run(using=USING)

    assert [message.to for message in outbox.outbox] == [["bob@example.com"], ["carl@example.com"]]
    assert Email.objects.count() == 2


def test_emails_of_others_in_the_same_queue_are_left_to_their_own_worker(people):
    Email.objects.create(from_email="a@example.com", to=["b@example.com"], status=STATUS.queued, subject="theirs")

    delivery.run(using=USING)

    assert "theirs" not in [message.subject for message in outbox.outbox]


def test_the_worker_of_the_library_sends_our_emails_too(people):
    call_command("send_queued_mail", log_level=2)

    assert sorted(message.subject for message in outbox.outbox) == [
        f"Your account {name} was locked" for name in ("ann", "bob", "carl")
    ]
    assert set(standings().values()) == {Standing.SENT}


def test_the_command_says_what_it_did_and_fails_where_something_failed(people, server):
    out = StringIO()
    server["ann@example.com"] = ValueError("no")

    with pytest.raises(CommandError, match="could not be sent"):
        call_command("send_mails", stdout=out)
    assert out.getvalue() == "2 sent, 1 failed\n"

    call_command("send_mails", stdout=out)
    assert out.getvalue() == "2 sent, 1 failed\n0 sent, 0 failed\n"


def test_by_default_an_email_is_sent_at_once_by_a_thread(settings, monkeypatch):
    del settings.USERS_MAIL_DELIVERY
    with monkeypatch.context() as outside_of_tests:
        outside_of_tests.delattr(outbox, "outbox")
        assert conf.mail_delivery == "thread"


def test_where_tests_run_an_email_is_in_the_outbox_after_the_commit(settings):
    del settings.USERS_MAIL_DELIVERY
    ada = make_user("ada", email="ada@example.com")

    ada.fsm.lock(by="system")

    assert [message.to for message in outbox.outbox] == [["ada@example.com"]]
    assert delivery._thread._running is None


def test_a_thread_sends_an_email_at_once(settings):
    settings.USERS_MAIL_DELIVERY = "thread"
    ada = make_user("ada", email="ada@example.com")

    ada.fsm.lock(by="system")
    delivery._thread.wait(timeout=60)

    assert [message.to for message in outbox.outbox] == [["ada@example.com"]]


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt()], ids=lambda error: type(error).__name__)
def test_a_backend_that_exits_in_the_thread_stops_nobody(people, server, error):
    """Only the main thread gets the signals that raise these."""
    server["bob@example.com"] = error

    delivery._thread.wake(USING)
    delivery._thread.wait(timeout=60)

    assert standings() == {"ann": Standing.SENT, "bob": Standing.WAITING, "carl": Standing.SENT}
    assert reason(people[1]).startswith(type(error).__name__)


def test_a_thread_that_fails_leaves_the_email_waiting_and_the_next_one_sends_both(settings, monkeypatch, caplog):
    settings.USERS_MAIL_DELIVERY = "thread"
    ann, bob = (make_user(name, email=f"{name}@example.com") for name in ("ann", "bob"))
    with monkeypatch.context() as broken:
        broken.setattr(delivery._thread, "_task", lambda using: 1 / 0)
        ann.fsm.lock(by="system")
        delivery._thread.wait(timeout=60)
    assert "could not work off the queue" in caplog.text
    assert outbox.outbox == []

    bob.fsm.lock(by="system")
    delivery._thread.wait(timeout=60)

    assert [message.to for message in outbox.outbox] == [["ann@example.com"], ["bob@example.com"]]


def test_an_address_with_a_comma_is_one_address(worker):
    odd = '"ada,mallory@example.org,x"@example.com'
    ada = make_user("ada")
    User.objects.update(email=odd)
    ada.fsm.lock(by="system")

    delivery.run(using=USING)

    assert [message.to for message in outbox.outbox] == [[odd]]


LOCKS_AND_ENDS = """
import django

django.setup()
from django.conf import settings
from users.models import UserFSM

del settings.USERS_MAIL_DELIVERY
UserFSM.objects.get(user__username="ada").lock(by="system")
"""


def test_a_process_that_ends_at_once_sends_what_it_has_queued_first(environment):
    make_user("ada", email="ada@example.com")

    subprocess.run([sys.executable, "-c", LOCKS_AND_ENDS], env=environment | {"EMAIL_URL": "dummymail://"}, check=True)

    assert standings() == {"ada": Standing.SENT}
