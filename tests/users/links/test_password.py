"""The link by which a person sets a new password."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from tests.factories import make_user
from tests.threads import at_once
from users.links import password
from users.login.recovery import reset_mail
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESET = "/accounts/password/reset/"
SITE = "https://accounts.example.com"
NEW = "battery staple"


@pytest.fixture(autouse=True)
def site(settings):
    settings.USERS_SITE_URL = SITE


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada():
    return make_user("ada", email="ada@example.com", password="correct horse")


def link_of(user):
    return password.url(User.objects.get(pk=user.pk)).removeprefix(SITE)


def opens(link):
    return Client().get(link, follow=True).status_code == 200


def use(link, new=NEW):
    """Open the link and set the password; whether it was set."""
    client = Client()
    form = client.get(link, follow=True)
    if form.status_code != 200:
        return False
    where = form.redirect_chain[-1][0]
    return client.post(where, {"new_password1": new, "new_password2": new}).status_code == 302


def ask(client, email="ada@example.com", **headers):
    return client.post(RESET, {"email": email}, **headers)


def test_the_link_in_the_email_sets_a_password_once(client, ada):
    ask(client)
    (link,) = re.findall(rf"{SITE}(/\S+)", str(outbox.outbox[0].body))

    assert use(link)
    assert User.objects.get(pk=ada.pk).check_password(NEW)
    assert not opens(link)
    assert not use(link, "another one")


def test_the_link_does_not_follow_the_host_of_the_request(client, ada, settings):
    settings.ALLOWED_HOSTS = ["*"]
    ask(client, HTTP_HOST="evil.example.net")

    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    for text in (str(message.body), str(message.alternatives[0][0])):
        assert f"{SITE}{RESET}" in text
        assert "evil" not in text


@pytest.mark.parametrize(
    ("way_out", "way_back"), [("lock", "unlock"), ("deactivate", "reactivate"), ("lock", None), ("deactivate", None)]
)
def test_a_transition_makes_it_useless_for_good(ada, way_out, way_back):
    link = link_of(ada)
    fsm = UserFSM.objects.get(user=ada)
    getattr(fsm, way_out)(by="system")
    if way_back:
        getattr(fsm, way_back)(by="system")

    assert not opens(link)
    assert User.objects.get(pk=ada.pk).check_password("correct horse")


@pytest.mark.parametrize("way_out", ["lock", "deactivate"])
def test_a_form_that_was_open_before_the_account_was_shut_sets_nothing(ada, way_out):
    client = Client()
    form = client.get(link_of(ada), follow=True)
    getattr(UserFSM.objects.get(user=ada), way_out)(by="system")

    refused = client.post(form.redirect_chain[-1][0], {"new_password1": NEW, "new_password2": NEW})

    assert refused.status_code == 410
    assert RESET in refused.text
    assert User.objects.get(pk=ada.pk).check_password("correct horse")


@pytest.mark.parametrize("change", ["email", "password", "login"])
def test_another_address_a_new_password_and_a_login_make_it_useless(ada, change):
    link = link_of(ada)
    if change == "login":
        assert Client().post("/accounts/login/", {"username": "ada", "password": "correct horse"}).status_code == 302
    else:
        ada.email = "ada@example.org"
        if change == "password":
            ada.set_password("something else")
        ada.save(update_fields=[change])

    assert not opens(link)


def test_it_expires(ada, clock, settings):
    settings.PASSWORD_RESET_TIMEOUT = 3600
    link = link_of(ada)
    clock.shift(timedelta(minutes=59))
    assert opens(link)
    clock.shift(timedelta(minutes=2))
    assert not opens(link)


@pytest.mark.parametrize(
    "path", ["x/y-z", "MQ/set-password", "MTIz/abc-def", "%00/%00", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5/a-b"]
)
def test_a_link_that_is_not_valid_is_named_and_a_new_one_offered(client, path):
    page = client.get(f"{RESET}{path}/")

    assert page.status_code in (400, 410)
    assert page.status_code == 400 or f'href="{RESET}"' in page.text


def test_of_many_who_use_it_at_the_same_moment_one_sets_the_password():
    ada = make_user("ada", email="ada@example.com", password="correct horse")
    link, token = link_of(ada), password.tokens.make_token(User.objects.get(pk=ada.pk))

    outcomes = at_once(
        *[lambda number=number: password.use(ada, token, f"password {number}") is not None for number in range(10)]
    )
    assert outcomes.count(True) == 1
    assert User.objects.get(pk=ada.pk).check_password(f"password {outcomes.index(True)}")
    assert not opens(link)


def test_over_http_too_one_of_many_sets_the_password():
    ada = make_user("ada", email="ada@example.com", password="correct horse")
    link = link_of(ada)
    clients = [Client() for _ in range(8)]
    forms = [client.get(link, follow=True).redirect_chain[-1][0] for client in clients]

    statuses = at_once(
        *[
            lambda client=client, form=form: client.post(form, {"new_password1": NEW, "new_password2": NEW}).status_code
            for client, form in zip(clients, forms, strict=True)
        ]
    )
    assert sorted(statuses) == [302] + [410] * 7


@pytest.mark.parametrize("state", [State.INVITED, State.LOCKED, State.DEACTIVATED])
def test_an_account_that_may_not_log_in_gets_no_email_and_no_link_that_works(client, state):
    grace = make_user("grace", email="grace@example.com", password="x", state=state)
    ask(client, "grace@example.com")

    assert outbox.outbox == []
    assert not opens(link_of(grace))


def test_where_nobody_has_a_password_nobody_gets_a_link(client, ada, monkeypatch):
    monkeypatch.setattr(reset_mail, "has_field", lambda name: name != "password")

    ask(client)

    assert outbox.outbox == []


def test_an_account_gets_no_more_emails_than_its_limit_and_the_answer_stays_the_same(client, ada, clock):
    answers = {ask(client).status_code for _ in range(5)}

    assert answers == {302}
    assert len(outbox.outbox) == 3
    clock.shift(timedelta(hours=1, seconds=1))
    ask(client)
    assert len(outbox.outbox) == 4


def test_a_client_that_asks_for_many_has_to_wait(client, ada, settings, clock):
    settings.USERS_RESET_ADDRESS_LIMIT = 4
    statuses = [ask(client, f"{number}@example.com", REMOTE_ADDR="203.0.113.9").status_code for number in range(5)]

    assert statuses == [302] * 4 + [429]
    for path in ("/accounts/unlock/", "/accounts/invitation/"):
        refused = client.post(path, {"email": "ada@example.com"}, REMOTE_ADDR="203.0.113.9")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "3600"
    assert ask(client, REMOTE_ADDR="203.0.113.10").status_code == 302
