import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_fsm.signals import post_transition

from tests.factories import make_user
from users import mail, transitions
from users.causes import Cause
from users.mail import occasions
from users.models import Mail, UserFSM
from users.people import leaving
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def site(settings):
    settings.USERS_SITE_URL = "https://accounts.example.com"


def subjects():
    return [message.subject for message in outbox.outbox]


@pytest.mark.parametrize(
    ("start", "transition", "subject"),
    [
        (State.INVITED, "activate", "Your account ada is active"),
        (State.ACTIVE, "lock", "Your account ada was locked"),
        (State.LOCKED, "unlock", "Your account ada was unlocked"),
        (State.ACTIVE, "deactivate", "Your account ada was deactivated"),
        (State.LOCKED, "deactivate", "Your account ada was deactivated"),
        (State.DEACTIVATED, "reactivate", "Your account ada is active again"),
    ],
)
def test_the_person_is_told_of_each_change(move, start, transition, subject):
    ada = make_user("ada", email="ada@example.com", state=start)

    move(ada.fsm, transition, by="system")

    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == ["ada@example.com"]
    assert message.subject == subject
    for text in (str(message.body), str(message.alternatives[0][0])):
        assert "ada" in text
        assert "When:" in text
        assert "https://accounts.example.com" in text


def test_a_transition_may_tell_nobody(monkeypatch):
    described = {**transitions.ABOUT, "lock": transitions.ABOUT["lock"]._replace(news=None)}
    monkeypatch.setattr(occasions, "ABOUT", described)
    ada = make_user("ada", email="ada@example.com")

    ada.fsm.lock(by="system")
    assert outbox.outbox == []

    ada.fsm.unlock(by="system")
    assert subjects() == ["Your account ada was unlocked"]


@pytest.mark.parametrize("failing", ["receiver", "caller"])
def test_a_change_that_is_undone_tells_nobody(receive, failing):
    ada = make_user("ada", email="ada@example.com")

    def fail(**kwargs):
        raise ZeroDivisionError

    if failing == "receiver":
        receive(post_transition, fail)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ada.fsm.lock(by="system")
        fail()

    assert outbox.outbox == []
    assert not Mail.objects.exists()


def test_a_person_without_an_address_is_told_nothing():
    make_user("ada").fsm.lock(by="system")

    assert not Mail.objects.exists()


def test_an_own_deactivation_is_confirmed():
    leaving.leave(make_user("ada", email="ada@example.com"))

    assert subjects() == ["You have deactivated your account ada"]


@pytest.mark.parametrize("cause", [Cause.LOCK_EXPIRED, Cause.KNOWN_DEVICE])
def test_the_end_of_a_lock_that_the_person_knows_of_is_not_told(cause):
    ada = make_user("ada", email="ada@example.com", state=State.LOCKED)

    ada.fsm.unlock(by="system", cause=cause)

    assert outbox.outbox == []


def test_an_account_that_nobody_was_told_of_ends_silently():
    ada = make_user("ada", email="ada@example.com", state=State.INVITED)

    ada.fsm.deactivate(by="system")

    assert outbox.outbox == []


@pytest.mark.parametrize(("start", "transition"), [(State.INVITED, "activate"), (State.DEACTIVATED, "reactivate")])
def test_a_person_without_a_password_gets_a_link_to_set_one(client, start, transition):
    ada = make_user("ada", email="ada@example.com", state=start)
    ada.set_unusable_password()
    ada.save()
    getattr(ada.fsm, transition)(by="system")

    (link,) = [line for line in str(outbox.outbox[0].body).splitlines() if "/password/reset/" in line]
    page = client.get(link.removeprefix("https://accounts.example.com"), follow=True)
    client.post(page.redirect_chain[-1][0], {"new_password1": "correct horse", "new_password2": "correct horse"})

    assert client.login(username="ada", password="correct horse")


def test_the_reason_and_the_name_of_whoever_did_it_stay_out_of_the_email():
    ada = make_user("ada", email="ada@example.com")
    ada.fsm.deactivate(by=make_user("judge"), description="dismissed for theft")

    said = str(outbox.outbox[0].body)
    assert "theft" not in said
    assert "judge" not in said


def test_many_are_told_in_as_few_statements_as_one(settings):
    settings.USERS_MAIL_DELIVERY = "worker"

    def queries(count):
        first = User.objects.count()
        for number in range(first, first + count):
            make_user(f"p{number}", email=f"p{number}@example.com")
        with CaptureQueriesContext(connection) as captured:
            UserFSM.objects.in_state(State.ACTIVE).bulk_transition("lock", by="system")
        return len([query for query in captured if "post_office" in query["sql"] or "_mail" in query["sql"]])

    queries(1)  # makes the template
    assert queries(1) == queries(30)
    assert Mail.objects.count() == 32


def test_nobody_is_told_within_untold(move):
    ada = make_user("ada", email="ada@example.com")
    with mail.untold():
        move(ada.fsm, "lock", by="system")

    assert not Mail.objects.exists()


def test_a_name_that_is_html_stays_text():
    ada = User.objects.create_user("ada", "ada@example.com", first_name="<b>Ada</b>")
    ada.fsm.activate(by="system")

    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert "Hello <b>Ada</b>," in str(message.body)
    assert "Hello <bdi>&lt;b&gt;Ada&lt;/b&gt;</bdi>," in str(message.alternatives[0][0])
