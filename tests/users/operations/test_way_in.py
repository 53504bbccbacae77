"""Whoever is activated or reactivated without a password gets a link to choose one."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.test import Client

from tests.factories import make_superuser, make_user
from tests.staff import press
from users.models import UserFSM

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
