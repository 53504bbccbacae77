"""Logins in asynchronous views count, and are refused, exactly as in others; through ASGI."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, alogin, get_user_model
from django.contrib.auth.backends import BaseBackend
from django.http import HttpResponse
from django.test import AsyncClient
from django.urls import path

from audit.models import UserStateAudit
from tests.factories import make_user
from users.models import LoginSession, UserFSM
from users.states import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

PASSWORD = "correct horse battery"


class ByLink(BaseBackend):
    """Lets in whoever has a link, by `aauthenticate` alone. It checks no password."""

    async def aauthenticate(self, request, link=None, **kwargs):
        return await get_user_model().objects.filter(username=link).afirst() if link else None

    async def aget_user(self, user_id):
        return await get_user_model().objects.filter(pk=user_id).afirst()

    def get_user(self, user_id):
        return get_user_model().objects.filter(pk=user_id).first()


async def log_in(request):
    user = await aauthenticate(request, **request.POST.dict())
    if user is None:
        return HttpResponse("no", status=403)
    await alogin(request, user)
    return await who(request)


async def log_in_without_request(request):
    """Many views call it without their request."""
    user = await aauthenticate(**request.POST.dict())
    return HttpResponse(user.get_username() if user else "no", status=200 if user else 403)


async def who(request):
    return HttpResponse((await request.auser()).get_username())


async def several(request):
    """One request that tries many at once."""
    tried = [aauthenticate(request, username="ada", password=f"wrong {n}") for n in range(20)]
    await asyncio.gather(*tried)
    return HttpResponse("done")


urlpatterns = [path(f"{view.__name__}/", view) for view in (log_in, log_in_without_request, who, several)]


@pytest.fixture
def ada():
    return make_user("ada", password=PASSWORD)


def post(client, url, **data):
    return async_to_sync(client.post)(url, data)


@pytest.mark.parametrize("url", ["/log_in/", "/log_in_without_request/"])
def test_wrong_passwords_lock_and_are_recorded_as_in_other_views(ada, url):
    client = AsyncClient()
    for _ in range(5):
        assert post(client, url, username="ada", password="wrong").status_code == 403

    assert post(client, url, username="ada", password=PASSWORD).status_code == 403
    assert UserFSM.objects.get(user=ada).locked_by_failed_logins
    record = UserStateAudit.objects.of(ada).latest()
    assert (record.cause, record.ip_address) == ("failed_logins", "127.0.0.1")


def test_many_at_once_in_one_request_count_exactly(ada):
    assert post(AsyncClient(), "/several/").status_code == 200

    assert UserFSM.objects.get(user=ada).locked_by_failed_logins
    assert UserStateAudit.objects.transitions().of(ada).filter(transition="lock").count() == 1


def test_a_right_password_lets_in(ada):
    client = AsyncClient()
    assert post(client, "/log_in/", username="ada", password=PASSWORD).content == b"ada"
    assert async_to_sync(client.get)("/who/").content == b"ada"
    UserFSM.objects.get(user=ada).lock(by="system")
    assert async_to_sync(client.get)("/who/").content == b""


@pytest.mark.parametrize("state", list(State))
def test_a_link_lets_in_whoever_is_active_and_nobody_else(state, settings):
    settings.AUTHENTICATION_BACKENDS = ["users.backends.StateBackend", f"{__name__}.ByLink"]
    ada = make_user("ada", state=state)
    client = AsyncClient()

    response = post(client, "/log_in/", link="ada")
    is_in = state == State.ACTIVE
    assert response.content == (b"ada" if is_in else b"")
    assert LoginSession.objects.exists() == is_in
    assert async_to_sync(client.get)("/who/").content == (b"ada" if is_in else b"")
    if is_in:
        UserFSM.objects.get(user=ada).lock(by="system")
        assert async_to_sync(client.get)("/who/").content == b""
