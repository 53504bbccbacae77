"""Whoever is opened without a password gets a link to choose one; without an address too, administrators are told."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.core import mail as outbox
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.factories import make_superuser, make_user
from tests.staff import act, confirm, press
from users.models import UserFSM
from users.rows import user_model
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "battery staple"
SITE = "https://accounts.example.com"


@pytest.fixture(autouse=True)
def root(settings, client):
    settings.USERS_SITE_URL = SITE
    root = make_superuser()
    client.force_login(root)
    return root


def choose_a_password():
    """Follow the link in the last email, and choose a password there."""
    (link,) = re.findall(rf"{SITE}(/accounts/password/reset/\S+)", str(outbox.outbox[-1].body))
    client = Client()
    form = client.get(link, follow=True)
    assert form.status_code == 200
    client.post(form.redirect_chain[-1][0], {"new_password1": NEW, "new_password2": NEW})


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def logs_in():
    return Client().post("/accounts/login/", {"username": "ann", "password": NEW}).status_code == 302


def test_after_activate_in_the_admin(client):
    ann = UserFSM.objects.invite(email="ann@example.com", username="ann", by="system")
    press(client, "activate", ann)
    choose_a_password()

    assert logs_in()


def test_after_deactivate_and_reactivate_of_somebody_who_never_had_one(client):
    ann = UserFSM.objects.invite(email="ann@example.com", username="ann", by="system")
    press(client, "deactivate", ann)
    press(client, "reactivate", ann)
    choose_a_password()

    assert logs_in()


def test_somebody_with_a_password_gets_no_such_link(client):
    ann = make_user("ann", email="ann@example.com", password="correct horse")
    press(client, "deactivate", ann)
    press(client, "reactivate", ann)

    assert "/password/reset/" not in str(outbox.outbox[-1].body)
    assert User.objects.get(pk=ann.pk).check_password("correct horse")


WARNED = "1 account has neither a password nor an email address"


@pytest.mark.parametrize("password", [None, ""])  # None: one that nobody can use; "": as `save` alone leaves it
@pytest.mark.parametrize(("state", "name"), [(State.INVITED, "activate"), (State.DEACTIVATED, "reactivate")])
def test_of_somebody_with_neither_a_password_nor_an_address_the_administrator_is_told(client, state, name, password):
    ann, bob = make_user("ann", state=state), make_user("bob", state=state, email="bob@example.com")
    User.objects.filter(pk=ann.pk).update(password=make_password(None) if password is None else password)

    page = act(client, name, ann, bob)
    assert WARNED in page.content.decode()

    response = confirm(client, name, ann, bob, expected=2)
    assert [text for text in said(response) if text.startswith(WARNED)] != []


@pytest.mark.parametrize(("state", "name"), [(State.INVITED, "activate"), (State.DEACTIVATED, "reactivate")])
def test_on_the_button_of_a_person_too(client, state, name):
    assert [text for text in said(press(client, name, make_user("ann", state=state))) if text.startswith(WARNED)] != []


@pytest.mark.parametrize("fields", [{"email": "ann@example.com"}, {"password": "correct horse"}])
def test_of_somebody_with_either_nothing_is_said(client, fields):
    ann = make_user("ann", state=State.DEACTIVATED, **fields)

    assert not [text for text in said(press(client, "reactivate", ann)) if "neither" in text]


def test_of_accounts_that_are_closed_nothing_is_said(client):
    assert not [text for text in said(press(client, "deactivate", make_user("ann"))) if "neither" in text]


def test_the_api_says_it_in_its_answers(client, root):
    ann, bob = (make_user(name, state=State.DEACTIVATED) for name in ("ann", "bob"))
    eve = make_user("eve", state=State.DEACTIVATED, email="eve@example.com")

    def post(path, **body):
        return client.post(
            f"/api/v1/{path}", {"description": "is back", **body}, content_type="application/json"
        ).json()

    assert post(f"users/{ann.pk}/reactivate")["without_way_in"] is True
    assert post(f"users/{eve.pk}/reactivate")["without_way_in"] is False
    assert post(f"users/{ann.pk}/deactivate")["without_way_in"] is False
    keys = [str(user.pk) for user in (ann, bob, eve)]
    tried = post("many/reactivate", users=keys, dry_run=True)
    assert (tried["changed"], tried["without_way_in"]) == (2, 2)
    done = post("many/reactivate", users=keys)
    assert (done["changed"], done["without_way_in"]) == (2, 2)


SOON = timezone.now() + timedelta(days=1)


@pytest.mark.parametrize(("fields", "is_told"), [({}, True), ({"email": "ann@example.com"}, False)])
def test_of_a_change_that_is_scheduled_it_is_said_when_it_is_made_and_when_it_is_due(client, capsys, fields, is_told):
    ann, bob = (make_user(name, state=State.DEACTIVATED, **fields) for name in ("ann", "bob"))

    form = {"operation": "reactivate", "at": f"{SOON:%Y-%m-%dT%H:%M}", "reason": "comes back"}
    response = client.post(f"/admin/auth/user/{ann.pk}/scheduled/", form)
    assert [text.startswith(WARNED) for text in said(response)] == [False, True][: 1 + is_told]

    form = {"operation": "reactivate", "at": SOON.isoformat(), "description": "comes back"}
    answer = client.post(f"/api/v1/users/{bob.pk}/schedule", form, content_type="application/json").json()
    assert (answer["outcome"], answer["without_way_in"]) == ("pending", is_told)

    with time_machine.travel(SOON + timedelta(minutes=1)):
        call_command("run_due", "--no-dormancy")
    assert ("without an email address to choose one: 2 accounts\n" in capsys.readouterr().err) == is_told
    changes = client.get(f"/api/v1/users/{bob.pk}/schedule").json()["results"]
    assert [(change["outcome"], change["without_way_in"]) for change in changes] == [("done", False)]


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_command_says_it_on_standard_error(capsys, dry_run):
    make_user("ann", state=State.DEACTIVATED)
    make_user("bob", state=State.DEACTIVATED, email="bob@example.com")
    make_user("eve")

    words = {"state": "deactivated", "description": "back", "dry_run": dry_run}
    call_command("transition", "reactivate", **words)
    assert "without an email address to choose one: 1 account\n" in capsys.readouterr().err

    call_command("transition", "lock", "--state", "active", "--description", "gone", even_the_last_superuser=True)
    assert "without" not in capsys.readouterr().err


def test_a_person_whose_password_is_empty_gets_a_link_too(client):
    ann = make_user("ann", state=State.DEACTIVATED, email="ann@example.com")
    User.objects.filter(pk=ann.pk).update(password="")
    press(client, "reactivate", ann)
    choose_a_password()

    assert logs_in()


@pytest.mark.parametrize(("state", "name"), [(State.INVITED, "activate"), (State.DEACTIVATED, "reactivate")])
def test_where_nobody_has_a_password_nobody_is_asked_to_choose_one(client, monkeypatch, state, name):
    """A user model says so by `password = None`, which takes the column away."""
    monkeypatch.setattr(user_model, "has_field", lambda field: field != "password")

    for person, fields in (("ann", {}), ("bob", {"email": "bob@example.com"})):
        response = confirm(client, name, make_user(person, state=state, **fields), expected=1)
        assert not [text for text in said(response) if "neither" in text]
    assert "/password/reset/" not in str(outbox.outbox[-1].body)
