import pytest
from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db


def test_the_front_page_sends_strangers_to_the_login(client):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_the_front_page_sends_administrators_to_the_admin(client):
    client.force_login(User.objects.create_superuser("admin"))

    assert client.get("/").headers["Location"] == "/admin/"


def test_the_front_page_greets_everybody_else_by_name_and_lets_them_out(client):
    user = User.objects.create_user("<b>alice</b>")
    user.fsm.activate()
    client.force_login(user)

    page = client.get("/")

    assert page.status_code == 200
    assert "&lt;b&gt;alice&lt;/b&gt;" in page.text
    assert 'action="/accounts/logout/"' in page.text
