"""The page of an unlock link that no longer works offers a new one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as outbox

from tests.factories import make_user
from users.login.recovery import unlock_link
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = "https://accounts.example.com"
ASK = "/accounts/unlock/"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.USERS_SITE_URL = SITE
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada():
    return make_user("ada", email="Ada@example.com", password="correct horse")


def lock_out(client):
    for _ in range(5):
        client.post(LOGIN, {"username": "ada", "password": "wrong"})


def link():
    return re.findall(rf"{SITE}(/\S+)", str(outbox.outbox[-1].body))[0]


def state_of(user):
    return UserFSM.objects.get(user=user).current_state


def test_the_page_says_which_account_it_unlocks(client, ada):
    lock_out(client)

    assert "The account <bdi>ada</bdi> was locked" in client.get(link()).text


def test_the_second_lock_has_a_link_of_its_own_and_the_page_of_the_first_offers_another(client, ada, clock):
    lock_out(client)
    first = link()
    clock.shift(timedelta(minutes=31))
    lock_out(client)
    assert len(outbox.outbox) == 2

    dead = client.get(first)
    assert dead.status_code == 410
    assert f'href="{ASK}"' in dead.text

    page = client.post(ASK, {"email": "ada@example.com"}, follow=True)
    assert page.status_code == 200
    assert len(outbox.outbox) == 3
    assert client.post(link()).status_code == 302
    assert state_of(ada) == State.ACTIVE


def test_the_answer_says_nothing_of_whether_there_is_such_an_account(client, ada):
    make_user("grace", email="grace@example.com").fsm.lock(by="system")
    lock_out(client)
    outbox.outbox.clear()

    answers = {
        re.sub(r'value="\w{64}"', "", client.post(ASK, {"email": email}, follow=True).text)
        for email in ("nobody@example.com", "grace@example.com", "ada@example.com")
    }

    assert len(answers) == 1
    assert [message.to for message in outbox.outbox] == [["Ada@example.com"]]


def test_an_account_gets_no_more_links_than_its_limit(client, ada):
    lock_out(client)
    outbox.outbox.clear()
    for _ in range(5):
        client.post(ASK, {"email": "ada@example.com"})

    assert len(outbox.outbox) == 3


def test_another_address_makes_the_link_useless(client, ada):
    lock_out(client)
    to_the_former_address = link()
    ada.email = "ada@example.org"
    ada.save(update_fields=["email"])

    assert client.get(to_the_former_address).status_code == 410


def test_no_link_opens_a_lock_that_somebody_made(client, ada):
    ada.fsm.lock(by="system", until=NOON + timedelta(hours=1))
    token = unlock_link.make(UserFSM.objects.get(user=ada))

    assert client.post(f"{ASK}{token}/").status_code == 410
    assert state_of(ada) == State.LOCKED


def test_the_link_survives_a_rotation_of_the_key_while_the_old_one_is_kept(client, ada, settings):
    lock_out(client)
    path = link()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert client.get(path).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(path).status_code == 410
