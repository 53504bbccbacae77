from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.test import RequestFactory
from django.utils import translation

from audit.models import UserStateAudit
from tests.factories import make_user
from users import mail
from users.mail import delivery
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(settings):
    settings.USERS_SITE_URL = "https://accounts.example.com"
    with translation.override("en"):
        yield make_user("ada", email="ada@example.com", password="correct horse")


def guess(times=5, **headers):
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1", **headers)
    for _ in range(times):
        authenticate(request, username="ada", password="wrong")


def link_in(message):
    (link,) = [line for line in message.body.splitlines() if line.startswith("https://")]
    return link.removeprefix("https://accounts.example.com")


@pytest.fixture
def link(ada, clock):
    guess()
    return link_in(outbox.outbox[0])


def state_of(user):
    return UserFSM.objects.get(user=user).current_state


def test_the_mail_says_when_from_where_and_how_many_tries(ada, clock):
    guess(HTTP_HOST="evil.example.com")

    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == ["ada@example.com"]
    assert message.subject == "Your account ada was locked"
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    for text in (str(message.body), str(html)):
        for told in ("5 wrong passwords", "192.0.2.1", "March 1, 2026, noon UTC", "12:30 p.m. UTC"):
            assert told in text
        assert "https://accounts.example.com/accounts/unlock/" in text
        assert "evil" not in text


def test_each_lock_has_one_mail_whose_link_opens_it(ada, clock, client):
    for hours, mails in ((0, 1), (1, 2), (3, 3)):
        clock.move_to(NOON + timedelta(hours=hours))
        guess(7)
        assert state_of(ada) == State.LOCKED
        assert len(outbox.outbox) == mails

    assert client.post(link_in(outbox.outbox[0])).status_code == 410
    client.post(link_in(outbox.outbox[2]))
    assert state_of(ada) == State.ACTIVE


def test_a_person_without_an_address_is_locked_without_an_email(ada):
    with mail.untold():
        ada.email = ""
        ada.save()
    guess()

    assert outbox.outbox == []
    assert state_of(ada) == State.LOCKED


@pytest.fixture(params=["thread", "request"])
def without_a_mail_server(request, settings, monkeypatch):
    settings.USERS_MAIL_DELIVERY = request.param
    monkeypatch.setattr(EmailBackend, "send_messages", raise_refused)


def raise_refused(self, messages):
    raise ConnectionRefusedError("no mail server")


@pytest.mark.usefixtures("without_a_mail_server")
def test_without_a_mail_server_the_lock_stands_and_the_login_answers(ada, client, caplog):
    for _ in range(5):
        answer = client.post("/accounts/login/", {"username": "ada", "password": "wrong"})

    assert answer.status_code == 200
    assert state_of(ada) == State.LOCKED
    delivery._thread.wait(timeout=60)
    assert "no mail server" in caplog.text


def test_the_email_is_sent_outside_of_the_request(ada, settings):
    settings.USERS_MAIL_DELIVERY = "thread"
    guess()
    delivery._thread.wait(timeout=60)

    assert len(outbox.outbox) == 1


@pytest.mark.parametrize(("guesser", "owner"), [("zh-hans", "en"), ("en", "zh-hans")])
def test_the_email_is_in_the_language_of_the_person_and_not_of_who_guesses(ada, client, guesser, owner):
    client.post(
        "/accounts/login/", {"username": "ada", "password": "correct horse"}, headers={"Accept-Language": owner}
    )
    client.logout()
    with translation.override(guesser):
        guess()

    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert f'<html lang="{owner}">' in str(message.alternatives[0][0])


def test_opening_the_link_changes_nothing_and_pressing_the_button_unlocks(ada, link, client):
    for method in (client.get, client.head):
        page = method(link)
        assert page.status_code == 200
        assert state_of(ada) == State.LOCKED
    assert "no-store" in page.headers["Cache-Control"]

    answer = client.post(link, follow=True, REMOTE_ADDR="192.0.2.9")

    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert "Your account is unlocked." in answer.text
    record = UserStateAudit.objects.transitions().of(ada).last()
    assert record is not None
    assert (record.transition, record.initiated_by, record.actor_id) == ("unlock", "ada", ada.pk)
    assert (record.description, record.ip_address) == ("by the link in the mail", "192.0.2.9")
    assert not answer.wsgi_request.user.is_authenticated
    assert client.login(username="ada", password="correct horse")


def refused(client, link):
    before = UserStateAudit.objects.transitions().count()
    pages = [client.get(link), client.post(link)]
    assert UserStateAudit.objects.transitions().count() == before
    return {page.status_code for page in pages} == {410} and all(
        "This link is no longer valid" in page.text for page in pages
    )


def test_the_link_works_once(ada, link, client):
    client.post(link)
    guess()

    assert state_of(ada) == State.LOCKED
    assert refused(client, link)


def test_the_link_ends_after_a_day(ada, link, client, clock):
    clock.shift(timedelta(days=1, seconds=1))

    assert refused(client, link)


def test_a_forged_link_opens_nothing(ada, link, client):
    assert refused(client, link[:-2] + "x/")
    assert refused(client, "/accounts/unlock/1:2:3/")
    assert refused(client, "/accounts/unlock/%E2%80%AE/")


def test_the_link_does_not_lift_a_lock_that_an_administrator_made_since(ada, link, client):
    fsm = UserFSM.objects.get(user=ada)
    fsm.unlock(by="system")
    fsm.lock(by="system")

    assert refused(client, link)


def test_the_link_dies_with_the_address_that_it_was_sent_to(ada, link, client):
    ada.email = "ada@elsewhere.example.com"
    ada.save()

    assert refused(client, link)


def test_the_button_needs_its_own_page(ada, link):
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    assert state_of(ada) == State.LOCKED
