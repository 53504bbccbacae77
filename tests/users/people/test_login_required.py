"""Behind Django's `LoginRequiredMiddleware`, strangers still reach the pages that let them in."""

import pytest

from audit.urls import urlpatterns as of_record
from users import invitations
from users.urls import urlpatterns as of_people

FOR_STRANGERS = {
    "login",
    "password_reset",
    "password_reset_done",
    "password_reset_confirm",
    "password_reset_complete",
    "ask_for_invitation",
    "asked_for_invitation",
    "accept_invitation",
    "ask_for_unlock_link",
    "asked_for_unlock_link",
    "unlock",
    "set_language",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def login_required(settings):
    after = 1 + settings.MIDDLEWARE.index("users.middleware.LoginSessionMiddleware")
    middleware = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:after], middleware, *settings.MIDDLEWARE[after:]]


def test_an_invitation_can_be_accepted(client):
    user = invitations.invite(username="ann", email="ann@example.com")

    response = client.get(invitations.link(user.fsm))

    assert response.status_code == 200


@pytest.mark.parametrize("page", sorted(str(each.name) for each in (*of_people, *of_record)))
def test_only_the_pages_that_let_people_in_are_open_to_strangers(page):
    [pattern] = [each for each in (*of_people, *of_record) if each.name == page]

    assert getattr(pattern.callback, "login_required", True) == (page not in FOR_STRANGERS)


def test_clients_of_scim_are_asked_for_a_token(client):
    assert client.get("/scim/v2/Users").status_code == 401
    assert client.get("/scim/v2/Groups").status_code == 401
