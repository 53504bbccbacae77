"""Where a login and a logout lead in a project that has not said it."""

import pytest
from django.conf import global_settings
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_a_new_project(settings):
    """What `startproject` leaves to Django's defaults."""
    settings.LOGIN_REDIRECT_URL = global_settings.LOGIN_REDIRECT_URL
    settings.LOGOUT_REDIRECT_URL = global_settings.LOGOUT_REDIRECT_URL
    settings.LOGIN_URL = "user_lifecycle:login"


def log_in(client, **data):
    make_user(password="a long one")
    return client.post(reverse("user_lifecycle:login"), {"username": "ada", "password": "a long one", **data})


def log_out(client, **data):
    client.force_login(make_user())
    return client.post(reverse("user_lifecycle:logout"), data)


def test_a_login_leads_to_the_account(client):
    response = log_in(client)

    assert response.headers["Location"] == reverse("user_lifecycle:account")
    assert client.get(response.headers["Location"]).status_code == 200


def test_a_login_leads_to_where_the_project_or_the_link_says(client, settings):
    settings.LOGIN_REDIRECT_URL = "/desk/"

    assert log_in(client).headers["Location"] == "/desk/"
    client.logout()
    again = client.post(
        f"{reverse('user_lifecycle:login')}?next=/there/", {"username": "ada", "password": "a long one"}
    )
    assert again.headers["Location"] == "/there/"


def test_a_logout_leads_to_the_login(client):
    response = log_out(client)

    assert response.headers["Location"] == reverse("user_lifecycle:login")
    assert "_auth_user_id" not in client.session


def test_a_logout_leads_to_where_the_project_or_the_form_says(client, settings):
    settings.LOGOUT_REDIRECT_URL = "/farewell/"

    assert log_out(client).headers["Location"] == "/farewell/"
    assert client.post(reverse("user_lifecycle:logout"), {"next": "/there/"}).headers["Location"] == "/there/"


def test_a_logout_without_any_page_to_lead_to_ends_at_the_root(client, settings):
    settings.LOGIN_URL = "nowhere:login"

    assert log_out(client).headers["Location"] == "/"
