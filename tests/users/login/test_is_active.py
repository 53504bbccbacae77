"""Who may log in is who is `active` and `is_active`: where the two disagree, nobody gets in."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User

from audit import triggers
from tests.factories import make_user
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[State.ACTIVE, State.LOCKED])
def disagreeing(request):
    """Somebody whose state and `is_active` say different things, as after a restore or by the owner of the tables."""
    user = make_user(state=request.param, password="a long one")
    with triggers.lifted("default"):
        User.objects.filter(pk=user.pk).update(is_active=request.param != State.ACTIVE)
    return user


def test_the_right_password_lets_nobody_in_whose_state_and_is_active_disagree(disagreeing):
    assert authenticate(username="ada", password="a long one") is None


def test_a_session_is_nobodys_as_soon_as_they_disagree(client):
    user = make_user()
    client.force_login(user)
    assert client.get("/").wsgi_request.user == user

    with triggers.lifted("default"):
        User.objects.filter(pk=user.pk).update(is_active=False)

    assert not client.get("/").wsgi_request.user.is_authenticated
