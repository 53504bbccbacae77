"""The life of an account as its person lives it, through the pages alone."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from audit.models import UserStateAudit
from tests.factories import make_superuser
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"


@pytest.fixture
def admin():
    browser = Client(REMOTE_ADDR="192.0.2.1")
    browser.force_login(make_superuser("root"))
    return browser


@pytest.fixture
def ann():
    """Ann's browser, at home."""
    return Client(REMOTE_ADDR="198.51.100.4")


def link():
    """The path in the last email that has one."""
    bodies = "\n".join(str(message.body) for message in mail.outbox)
    return [found[0] for found in re.finditer(r"/accounts/(invitation|unlock)/\S+", bodies)][-1]


def log_in(browser, password=PASSWORD):
    return browser.post("/accounts/login/", {"username": "ann", "password": password}, follow=True)


def state():
    return User.objects.get(username="ann").fsm.current_state


def join(admin, ann):
    admin.post("/admin/auth/user/invite/", {"email": "ann@example.com", "username": "ann"})
    ann.post(link(), {"new_password1": PASSWORD, "new_password2": PASSWORD})


def story():
    """What the record says of Ann: transition, by whom, from where."""
    records = UserStateAudit.objects.transitions().of(User.objects.get(username="ann"))
    return [(record.transition, record.initiated_by, record.ip_address) for record in records]


def test_invited_guessed_at_locked_unlocked_and_told_of_it_all(admin, ann):
    join(admin, ann)
    assert "Your account" in log_in(ann).text

    for _ in range(5):
        log_in(Client(REMOTE_ADDR="203.0.113.9"), "a guess")
    assert state() == State.LOCKED
    assert ann.get("/accounts/").status_code == 302  # the session is dead

    unlock = link()
    assert ann.get(unlock).status_code == 200
    assert state() == State.LOCKED  # opening the link changed nothing
    ann.post(unlock)

    page = log_in(ann).text
    assert "There were 5 failed logins" in page
    assert "from 198.51.100.4" in page
    history = ann.get("/accounts/history/").text
    assert history.count("<li>") == 4
    assert "203.0.113.9" not in history
    assert story() == [
        ("activate", "ann", "198.51.100.4"),
        ("lock", "anonymous", "203.0.113.9"),
        ("unlock", "ann", "198.51.100.4"),
    ]


def test_left_by_its_person_and_opened_again_by_an_administrator(admin, ann):
    join(admin, ann)
    log_in(ann)
    ann.post("/accounts/leave/", {"password": PASSWORD})
    assert "Please enter a correct username and password" in log_in(ann).text

    user = User.objects.get(username="ann")
    admin.post(f"/admin/auth/user/{user.pk}/account/reactivate/", {"own_words": "came back"})

    assert "Where you are logged in" in log_in(ann).text
    assert story() == [
        ("activate", "ann", "198.51.100.4"),
        ("deactivate", "ann", "198.51.100.4"),
        ("reactivate", "root", "192.0.2.1"),
    ]


def test_an_invitation_that_is_taken_back(admin, ann):
    admin.post("/admin/auth/user/invite/", {"email": "ann@example.com", "username": "ann"})
    user = User.objects.get(username="ann")
    admin.post(f"/admin/auth/user/{user.pk}/account/deactivate/", {"own_words": "a mistake"})

    answer = ann.post(link(), {"new_password1": PASSWORD, "new_password2": PASSWORD})

    assert answer.status_code == 410
    assert "Please enter a correct username and password" in log_in(ann).text
    assert story() == [("deactivate", "root", "192.0.2.1")]


def test_a_forgotten_password_is_set_anew_by_mail_and_a_lock_ends_the_link(admin, ann):
    join(admin, ann)
    ann.post("/accounts/password/reset/", {"email": "ann@example.com"})
    reset = re.search(r"/accounts/password/reset/\S+", str(mail.outbox[-1].body))
    assert reset
    User.objects.get(username="ann").fsm.lock(by="system")

    assert ann.get(reset[0], follow=True).status_code == 410
    assert state() == State.LOCKED
    User.objects.get(username="ann").fsm.unlock(by="system")
    assert ann.get(reset[0], follow=True).status_code == 410
    ann.post("/accounts/password/reset/", {"email": "ann@example.com"})
    fresh = re.search(r"/accounts/password/reset/\S+", str(mail.outbox[-1].body))
    assert fresh
    form = ann.get(fresh[0], follow=True)
    ann.post(form.redirect_chain[-1][0], {"new_password1": "battery staple", "new_password2": "battery staple"})
    assert "Where you are logged in" in log_in(ann, "battery staple").text
