import pytest
from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db


def test_the_front_page_sends_strangers_to_the_login(client):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_the_front_page_sends_administrators_to_the_admin(client):
    client.force_login(User.objects.create_superuser("admin"))

    assert client.get("/").headers["Location"] == "/admin/"


def test_the_front_page_sends_everybody_else_to_their_account(client):
    user = User.objects.create_user("alice")
    user.fsm.activate()
    client.force_login(user)

    assert client.get("/").headers["Location"] == "/accounts/"
