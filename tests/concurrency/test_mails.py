import json
import threading
import time
from functools import partial

import pytest
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command

from tests.factories import make_superuser, make_user
from tests.threads import at_once
from users.invitations import lists
from users.mail import delivery, standing
from users.mail.standing import Standing
from users.models import Mail, UserFSM

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_who_work_off_the_queue_at_once_send_each_email_once(settings, monkeypatch):
    settings.USERS_MAIL_DELIVERY = "worker"
    for number in range(12):
        make_user(f"p{number}", email=f"p{number}@example.com")
    UserFSM.objects.bulk_transition("lock", by="system")

    outcomes = at_once(*[partial(delivery.run, using="default")] * 4)

    assert sum(outcome.sent for outcome in outcomes) == 12
    assert sorted(message.to[0] for message in outbox.outbox) == sorted(
        f"p{number}@example.com" for number in range(12)
    )
    assert {standing.of(each) for each in Mail.objects.all()} == {Standing.SENT}


def test_a_slow_mail_server_holds_up_nobody_who_writes(settings, monkeypatch):
    ada, bob = (make_user(name, email=f"{name}@example.com") for name in ("ada", "bob"))
    settings.USERS_MAIL_DELIVERY = "worker"
    ada.fsm.lock(by="system")
    real = EmailBackend.send_messages

    def meanwhile(self, messages):
        (outcome,) = at_once(partial(bob.fsm.lock, by="system"))  # in another connection, while this one sends
        assert outcome is None
        return real(self, messages)

    with monkeypatch.context() as slow:
        slow.setattr(EmailBackend, "send_messages", meanwhile)
        delivery._send(Mail.objects.get().email_id, delivery.Delivery(), using="default")

    assert len(outbox.outbox) == 1
    assert UserFSM.objects.get(user=bob).current_state == "locked"


def test_the_command_that_invites_waits_for_emails_that_its_thread_is_sending(settings, monkeypatch, tmp_path, capsys):
    settings.USERS_MAIL_DELIVERY = "thread"
    sending, send, invite_all = threading.Event(), EmailBackend.send_messages, lists.invite_all

    def slow(self, messages):
        sending.set()
        time.sleep(0.5)
        return send(self, messages)

    def invited(*args, **kwargs):
        outcome = invite_all(*args, **kwargs)
        assert sending.wait(timeout=60)
        return outcome

    monkeypatch.setattr(EmailBackend, "send_messages", slow)
    monkeypatch.setattr(lists, "invite_all", invited)
    people = tmp_path / "people.csv"
    people.write_text("email,username\nada@example.com,ada\n")

    call_command("invite", str(people), "--json")

    assert json.loads(capsys.readouterr().out)["emails_not_sent"] == []


def test_of_many_who_are_invited_to_one_mailbox_at_once_one_is():
    outcomes = at_once(
        *(partial(UserFSM.objects.invite, email="one@example.com", username=f"p{number}") for number in range(5))
    )

    assert sorted(type(outcome) is ValidationError for outcome in outcomes) == [False] + [True] * 4
    assert len(outbox.outbox) == 1


def test_of_two_whom_administrators_give_one_mailbox_at_once_one_gets_it(client):
    people = [make_user(name) for name in ("ada", "bob")]
    client.force_login(make_superuser())

    def give(user):
        page = f"/admin/auth/user/{user.pk}/change/"
        form = client.get(page).context["adminform"].form
        data = {name: value for name, value in form.initial.items() if value not in (None, [])}
        data |= {"email": "one@example.com", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
        return lambda: client.post(page, data).status_code

    outcomes = at_once(*[give(user) for user in people])

    assert sorted(outcomes) == [200, 302]
