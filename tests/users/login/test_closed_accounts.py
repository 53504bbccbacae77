"""Nobody is logged in to a closed account, also where the backend of somebody else lets everybody in."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import alogin, login
from django.contrib.auth.middleware import RemoteUserMiddleware
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import AsyncClient
from django.urls import path

from tests.factories import make_user
from users.models import LoginSession
from users.states import State

EVERYBODY = "django.contrib.auth.backends.AllowAllUsersRemoteUserBackend"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def who(request):
    return HttpResponse(request.user.get_username())


def let_in(request):
    """Log in whoever is asked for, as some packages do."""
    login(request, User.objects.get(username="ada"), backend=EVERYBODY)
    return who(request)


def let_in_and_go_on(request):
    """As allauth does after the second step of a login."""
    login(request, User.objects.get(username="ada"), backend=EVERYBODY)
    assert request.user.is_authenticated
    return who(request)


async def let_in_asynchronously(request):
    await alogin(request, await User.objects.aget(username="ada"), backend=EVERYBODY)
    return who(request)


urlpatterns = [
    path("who/", who),
    path("let-in/", let_in),
    path("let-in-and-go-on/", let_in_and_go_on),
    path("let-in-asynchronously/", let_in_asynchronously),
]


@pytest.fixture
def behind_a_proxy_that_logs_in(settings):
    """A server in front that names the person in each request."""
    settings.AUTHENTICATION_BACKENDS = ["users.backends.StateBackend", EVERYBODY]
    middleware = f"{RemoteUserMiddleware.__module__}.{RemoteUserMiddleware.__qualname__}"
    after = 1 + settings.MIDDLEWARE.index("users.middleware.LoginSessionMiddleware")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:after], middleware, *settings.MIDDLEWARE[after:]]


@pytest.mark.usefixtures("behind_a_proxy_that_logs_in")
@pytest.mark.parametrize("state", [state for state in State if state != State.ACTIVE])
def test_whom_a_proxy_names_is_nobody_while_the_account_is_closed(client, state):
    make_user("ada", state=state)

    for _ in range(2):
        assert client.get("/who/", REMOTE_USER="ada").text == ""
    assert not LoginSession.objects.exists()


@pytest.mark.usefixtures("behind_a_proxy_that_logs_in")
def test_whom_a_proxy_names_is_logged_in_while_the_account_is_active(client):
    ada = make_user("ada")
    assert client.get("/who/", REMOTE_USER="ada").text == "ada"

    ada.fsm.lock(by="system")
    assert client.get("/who/", REMOTE_USER="ada").text == ""

    ada.fsm.unlock(by="system")
    assert client.get("/who/", REMOTE_USER="ada").text == "ada"


@pytest.mark.parametrize("state", [state for state in State if state != State.ACTIVE])
def test_a_view_that_logs_in_whoever_is_asked_for_logs_nobody_in(client, state):
    make_user("ada", state=state)

    assert client.get("/let-in/").text == ""
    assert client.get("/who/").text == ""


def test_a_view_that_takes_the_login_for_granted_is_answered_as_forbidden(client):
    ada = make_user("ada", state=State.LOCKED)
    assert client.get("/let-in-and-go-on/").status_code == 403
    assert client.get("/who/").text == ""

    ada.fsm.unlock(by="system")
    assert client.get("/let-in-and-go-on/").text == "ada"


@pytest.mark.django_db(transaction=True)
async def test_the_same_holds_for_asynchronous_views():
    await sync_to_async(make_user)("ada", state=State.LOCKED)

    assert (await AsyncClient().get("/let-in-asynchronously/")).content == b""


@pytest.mark.django_db(transaction=True)
async def test_asynchronous_views_log_in_as_ever():
    await sync_to_async(make_user)("ada")

    assert (await AsyncClient().get("/let-in-asynchronously/")).content == b"ada"
