import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import UserStateAudit
from tests.factories import make_user
from users import invitations
from users.exceptions import InvitationNotSent, InvitationNotValid, NotInvited
from users.invitations import inviting
from users.mail import delivery, queue, standing
from users.mail.standing import Standing
from users.models import Mail, MailRequest, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"


def invite(username="alice", email="alice@example.com"):
    return UserFSM.objects.invite(email=email, username=username, by="system")


def token_of(message):
    return str(message.body).split("/accounts/invitation/")[1].split("/")[0]


@pytest.fixture
def no_mail_server(monkeypatch):
    """Return a function that lets mails go again."""

    def refuse(self, messages):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    return monkeypatch.undo


def test_an_invitation_makes_an_account_that_nobody_can_use_yet():
    user = invite()

    assert user.fsm.current_state == State.INVITED
    assert not user.has_usable_password()
    assert not User.objects.get().is_active
    assert not UserStateAudit.objects.transitions().exists()


def test_people_who_log_in_by_address_can_have_a_username_beside_it(monkeypatch):
    monkeypatch.setattr(User, "USERNAME_FIELD", "email")

    assert invite().username == "alice"


def test_it_is_invited_too_where_new_users_start_active(settings):
    settings.USERS_INITIAL_STATE = "active"

    assert invite().fsm.current_state == State.INVITED


def test_its_mail_goes_to_the_person_with_a_link_to_this_site(settings):
    settings.USERS_SITE_URL = "https://accounts.example.com"
    invite()

    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    assert "https://accounts.example.com/accounts/invitation/" in message.body


def test_nothing_is_sent_for_an_account_that_is_rolled_back():
    with transaction.atomic():
        invite()
        transaction.set_rollback(True)

    assert mail.outbox == []
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("username", "email", "field"),
    [
        ("", "bob@example.com", "username"),
        ("bob\x00", "bob@example.com", "username"),
        ("bob\ud800", "bob@example.com", "username"),
        ("b" * 10_000, "bob@example.com", "username"),
        ("b b", "bob@example.com", "username"),
        ("alice", "bob@example.com", "username"),
        ("bob", "", "email"),
        ("bob", "bob", "email"),
        ("bob", "bob@\ud800.example.com", "email"),
        ("bob", "bob\x00@example.com", "email"),
        ("bob", "b" * 10_000 + "@example.com", "email"),
        ("bob", "ALICE@example.com", "email"),
    ],
)
def test_a_person_who_cannot_have_an_account_is_refused_by_field(username, email, field):
    invite()

    with pytest.raises(ValidationError) as error:
        invite(username, email)

    assert list(error.value.message_dict) == [field]
    assert User.objects.count() == 1


def test_a_person_who_was_invited_a_moment_ago_is_refused_by_field(monkeypatch):
    make_user("alice")
    # At the first look nobody of this name is there yet.
    monkeypatch.setattr(inviting, "_refuse_who_is_known", lambda user: monkeypatch.undo())

    with pytest.raises(ValidationError) as caught:
        invite()

    assert caught.value.message_dict.keys() == {"username"}
    assert User.objects.count() == 1
    assert not mail.outbox


def test_accepting_activates_as_by_that_person():
    user = invite()

    invitations.accept(token_of(mail.outbox[0]), PASSWORD)

    user = User.objects.get()
    assert user.fsm.current_state == State.ACTIVE
    assert user.check_password(PASSWORD)
    record = UserStateAudit.objects.transitions().get()
    assert (record.transition, record.initiated_by, record.actor_id) == ("activate", "alice", user.pk)


def test_a_link_works_once():
    invite()
    token = token_of(mail.outbox[0])
    invitations.accept(token, PASSWORD)

    with pytest.raises(InvitationNotValid):
        invitations.accept(token, "another password")

    assert User.objects.get().check_password(PASSWORD)


def test_a_newer_link_makes_the_one_before_dead():
    user = invite()
    invitations.resend(user, by="system")
    old, new = map(token_of, mail.outbox)

    with pytest.raises(InvitationNotValid):
        invitations.find(old)
    assert invitations.find(new).user == user


def test_a_link_expires(settings):
    settings.USERS_INVITATION_MAX_AGE = timedelta(days=2)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        invite()
        token = token_of(mail.outbox[0])

        clock.shift(timedelta(days=2) - timedelta(seconds=1))
        invitations.find(token)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(InvitationNotValid):
            invitations.find(token)


def test_deactivating_revokes_an_invitation():
    user = invite()
    user.fsm.deactivate(by="system")

    with pytest.raises(InvitationNotValid):
        invitations.accept(token_of(mail.outbox[0]), PASSWORD)

    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("forged", ["{}x", "x{}", "", "\ud800.\x00"])
def test_a_forged_link_is_refused(forged):
    invite()

    with pytest.raises(InvitationNotValid):
        invitations.find(forged.format(token_of(mail.outbox[0])))


def test_a_stale_save_brings_no_old_link_back():
    stale = UserFSM.objects.get(user=invite())
    invitations.resend(stale.user)
    stale.save()

    with pytest.raises(InvitationNotValid):
        invitations.find(token_of(mail.outbox[0]))


@pytest.mark.parametrize("state", [each for each in State if each is not State.INVITED])
def test_only_who_is_invited_gets_a_link(state):
    user = make_user("bob", state=state, email="bob@example.com")

    with pytest.raises(NotInvited, match=state):
        invitations.resend(user)

    assert mail.outbox == []


def test_a_person_without_an_address_cannot_be_sent_a_link():
    user = make_user("bob", state=State.INVITED)

    with pytest.raises(InvitationNotSent):
        invitations.resend(user)

    assert User.objects.get().fsm.invited_at is None


def test_without_a_mail_server_the_person_is_invited_and_the_email_waits(no_mail_server):
    user = invite()
    (waiting,) = Mail.objects.filter(user=user)
    assert standing.of(waiting) is Standing.WAITING

    no_mail_server()
    queue.again([waiting], using="default")

    invitations.accept(token_of(mail.outbox[0]), PASSWORD)


def test_a_link_whose_email_is_not_sent_yet_leaves_the_one_before_good(request):
    user = invite()
    request.getfixturevalue("no_mail_server")

    invitations.resend(user)

    assert invitations.find(token_of(mail.outbox[0])).user == user


def test_an_invitation_that_was_replaced_is_not_sent_later(no_mail_server):
    user = invite()
    no_mail_server()
    invitations.resend(user)
    queue.again(list(Mail.objects.all()), using="default")

    assert len(mail.outbox) == 1
    failed = standing.with_reasons(Mail.objects.all()).last()
    assert "no longer valid" in standing.reason(failed)


def test_the_invited_can_ask_for_a_new_link_once_an_hour():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        invite()
        invitations.ask_anew("alice@example.com")
        assert len(mail.outbox) == 1

        clock.shift(timedelta(hours=1, seconds=1))
        invitations.ask_anew("Alice@Example.com")
        invitations.ask_anew("alice@example.com")

    assert len(mail.outbox) == 2
    invitations.accept(token_of(mail.outbox[1]), PASSWORD)


def test_asking_costs_the_request_the_same_whoever_is_asked_for(settings, client):
    settings.USERS_MAIL_DELIVERY = "worker"
    settings.USERS_LOCKOUT_TRUSTED_NETWORKS = ["127.0.0.0/8"]  # whose requests are not counted
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        invite()
    make_user("bob", email="bob@example.com", password=PASSWORD)
    queries = set()

    for page in (reverse("user_lifecycle:ask_for_invitation"), reverse("user_lifecycle:password_reset")):
        for email in ("alice@example.com", "bob@example.com", "nobody@example.com"):
            with CaptureQueriesContext(connection) as captured:
                assert client.post(page, {"email": email}).status_code == 302
            queries.add(tuple(query["sql"].split("VALUES")[0] for query in captured))

    assert len(queries) == 1
    assert MailRequest.objects.count() == 6
    delivery.run(using="default")
    assert [message.to for message in mail.outbox] == [
        ["alice@example.com"],
        ["bob@example.com"],
    ]  # yesterday's link was replaced


def test_asking_for_others_sends_nothing():
    make_user("bob", email="bob@example.com")
    make_user("iris", state=State.INVITED, email="iris@example.com")  # who was never sent a link

    for email in ("bob@example.com", "iris@example.com", "nobody@example.com"):
        invitations.ask_anew(email)

    assert mail.outbox == []


def test_a_lost_mail_server_is_not_shown_to_who_asks(request, caplog):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        invite()
        clock.shift(timedelta(days=1))
        request.getfixturevalue("no_mail_server")

        invitations.ask_anew("alice@example.com")

    assert "could not send an email" in caplog.text


@pytest.mark.parametrize("name", ["A\0nn", "\ud800"])
def test_a_name_that_no_database_can_hold_is_refused_beside_its_field(name):
    with pytest.raises(ValidationError) as refused:
        invitations.prepared(email="ann@example.com", username="ann", first_name=name)

    assert list(refused.value.error_dict) == ["first_name"]
