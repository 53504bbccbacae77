from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests.factories import make_superuser
from users.conf import conf
from users.models import LoginSession, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = {"new_password1": "correct horse battery", "new_password2": "correct horse battery"}


@pytest.fixture
def link():
    UserFSM.objects.invite(email="alice@example.com", username="alice", by="system")
    start = str(mail.outbox[0].body).index("/accounts/invitation/")
    return str(mail.outbox[0].body)[start:].split()[0]


def main_of(page):
    return page.text.split("<main")[1].split("</main>")[0]


def state():
    return UserFSM.objects.get().current_state


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing(client, link, method):
    before = list(UserFSM.objects.values()), list(User.objects.values())

    assert getattr(client, method)(link).status_code == 200

    assert (list(UserFSM.objects.values()), list(User.objects.values())) == before


def test_choosing_a_password_accepts_and_logs_in(client, link):
    page = client.post(link, PASSWORD, follow=True)

    assert state() == State.ACTIVE
    assert page.redirect_chain == [("/", 302), ("/accounts/", 302)]
    assert "you are logged in" in page.text
    assert "Log out" in page.text
    assert Client().login(username="alice", password="correct horse battery")


def test_it_is_a_login_like_any_other(client, link):
    answer = client.post(link, PASSWORD, headers={"User-Agent": "Firefox"})

    session = LoginSession.objects.get()
    fsm = UserFSM.objects.get()
    assert (session.user_id, session.version, session.user_agent) == (fsm.user_id, fsm.version, "Firefox")
    assert fsm.last_login_at is not None
    assert User.objects.get().last_login is not None
    assert conf.device_cookie in answer.cookies
    assert [message.subject for message in mail.outbox[1:]] == []


def test_the_session_gets_a_new_key_so_that_nobody_who_knew_the_old_one_is_in_it(client, link):
    client.cookies["django_language"] = "en"
    session = client.session
    session["before"] = "the invitation"
    session.save()
    before = session.session_key

    client.post(link, PASSWORD)

    assert client.session.session_key != before
    assert not client.session.exists(before)


def test_an_earlier_login_of_that_browser_ends(client, link):
    client.force_login(make_superuser())
    assert LoginSession.objects.count() == 1

    client.post(link, PASSWORD)

    assert LoginSession.objects.get().user.username == "alice"
    assert client.get("/admin/").status_code == 302


def test_a_lock_ends_that_session_too(client, link):
    client.post(link, PASSWORD)
    UserFSM.objects.get().lock(by="system")

    assert client.get("/accounts/").status_code == 302


def test_where_no_backend_asks_for_the_state_people_log_in_by_themselves(client, link, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]

    page = client.post(link, PASSWORD, follow=True)

    assert page.redirect_chain == [("/accounts/login/", 302)]
    assert "You can log in now" in page.text
    assert not LoginSession.objects.exists()


@pytest.mark.parametrize("chosen", ["/accounts/profile/", "no-such-page"])
def test_a_project_that_has_chosen_no_page_after_login_shows_the_account(client, link, settings, chosen):
    settings.LOGIN_REDIRECT_URL = chosen

    assert client.post(link, PASSWORD).url == "/accounts/"


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("alice@example", "alice@example", "too similar to the"),
        ("12345678901", "12345678901", "entirely numeric"),
        ("correct horse battery", "another", "password fields didn’t match"),
        ("correct\x00horse", "correct\x00horse", "Null characters are not allowed"),
        ("", "", "This field is required"),
    ],
)
def test_a_password_that_will_not_do_is_refused_and_the_link_stays_good(client, link, password, again, said):
    page = client.post(link, {"new_password1": password, "new_password2": again})

    assert page.status_code == 200
    assert said in page.text
    assert state() == State.INVITED
    assert client.get(link).status_code == 200


def test_a_used_link_says_so_and_offers_a_new_one(client, link):
    client.post(link, PASSWORD)

    for answer in (client.get(link), client.post(link, PASSWORD)):
        assert answer.status_code == 410
        assert 'href="/accounts/invitation/"' in answer.text


def test_a_used_an_expired_and_a_forged_link_look_the_same(client, link):
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        expired = client.get(link)
    Client().post(link, PASSWORD)
    used = client.get(link)
    forged = client.get("/accounts/invitation/forged/")

    mains = [main_of(page) for page in (expired, used, forged)]
    assert mains[0] == mains[1] == mains[2]


def test_the_form_is_protected_against_other_sites(link):
    assert Client(enforce_csrf_checks=True).post(link, PASSWORD).status_code == 403
    assert state() == State.INVITED


def test_asking_for_a_new_link_is_answered_alike_for_everybody(client, link):
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        answers = [
            client.post("/accounts/invitation/", {"email": email}, follow=True)
            for email in ("alice@example.com", "nobody@example.com")
        ]

    assert main_of(answers[0]) == main_of(answers[1])
    assert len(mail.outbox) == 2


def test_a_corrected_address_makes_the_link_useless(client, link):
    invited = User.objects.get(username="alice")
    invited.email = "alice@example.org"
    invited.save(update_fields=["email"])

    assert client.get(link).status_code == 410
    assert client.post(link, PASSWORD).status_code == 410
    assert not User.objects.get(username="alice").has_usable_password()
