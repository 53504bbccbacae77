"""Backends beside ours: which of them check passwords, and whether they count."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import (
    AllowAllUsersModelBackend,
    AllowAllUsersRemoteUserBackend,
    BaseBackend,
    ModelBackend,
    RemoteUserBackend,
)
from django.core import checks

from users.backends import StateBackend

OURS = "users.backends.StateBackend"


class ByEmail(ModelBackend):
    """As allauth's: it takes anything, and checks on its own."""

    def authenticate(self, request, **credentials):  # type: ignore[override]
        user = get_user_model().objects.filter(email=credentials.get("email")).first()
        return user if user and user.check_password(credentials["password"]) else None


class Directory(BaseBackend):
    """As django-auth-ldap's."""

    def authenticate(self, request, username=None, password=None):  # type: ignore[override]
        return self.bind(username, password)

    def bind(self, username, password):
        return None


class OnItsOwn(StateBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        user = self.find(username)
        return user if user and user.check_password(password) else None


class SingleSignOn(ModelBackend):
    """As mozilla-django-oidc's and djangosaml2's."""

    def authenticate(self, request, **kwargs):  # type: ignore[override]
        return self.claimed(**kwargs)

    def claimed(self, session_info=None, **kwargs):
        return None


class OurSingleSignOn(SingleSignOn):
    """As projects derive from those, to map names of their own."""

    def claimed(self, session_info=None, **kwargs):
        return get_user_model().objects.first()


class Permissions(BaseBackend):
    """As guardian's and rules': nobody logs in by it."""

    def authenticate(self, request, username=None, password=None):  # type: ignore[override]
        return None


class Link(ModelBackend):
    def authenticate(self, request, token=None):  # type: ignore[override]
        return get_user_model().objects.filter(pk=token).first()


class Finder(StateBackend):
    def find(self, username):
        return super().find(username.removesuffix("@example.com"))


class Careful(StateBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        return super().authenticate(request, username=(username or "").strip(), password=password)


class TakesAnything(BaseBackend):
    """As those of directories that name no argument."""

    def authenticate(self, request, **credentials):
        return self.bind(credentials.get("username"), credentials.get("password"))

    def bind(self, username, password):
        return None


class AsyncAlone(BaseBackend):
    async def aauthenticate(self, request, username=None, password=None):  # type: ignore[override]
        user = await get_user_model().objects.filter(username=username).afirst()
        return user if user and await user.acheck_password(password) else None


class AsyncOnItsOwn(StateBackend):
    async def aauthenticate(self, request, username=None, password=None, **kwargs):
        user = await get_user_model().objects.filter(username=username).afirst()
        return user if user and await user.acheck_password(password) else None


class SuperForSomethingElse(StateBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        user = super().find(username)
        return user if user and user.check_password(password) else None


class FirstOnItsOwn(StateBackend):
    """It asks ours only about passwords that it has refused."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        user = self.find(username)
        if user and user.check_password(password):
            return user
        return super().authenticate(request, username=username, password=password)


class PassesOnToOneOnItsOwn(OnItsOwn):
    def authenticate(self, request, username=None, password=None, **kwargs):
        return super().authenticate(request, username=username, password=password)


class Proxy:
    """Wraps another backend, as to log or to time it."""

    def __init__(self) -> None:
        self.inner = ModelBackend()

    def __getattr__(self, name):
        return getattr(self.inner, name)


class ProxyOfOurs(Proxy):
    def __init__(self) -> None:
        self.inner = StateBackend()


def made() -> ModelBackend:
    """A function that makes a backend, which Django calls as it calls a class."""
    return ModelBackend()


def ours_made() -> StateBackend:
    return StateBackend()


class ByBase(StateBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        return StateBackend.authenticate(self, request, username=username, password=password)


class AsyncCareful(StateBackend):
    async def aauthenticate(self, request, username=None, password=None, **kwargs):
        return await super().aauthenticate(request, username=(username or "").strip(), password=password)


class AnythingButPasswords(BaseBackend):
    """As an OpenID Connect client's."""

    def authenticate(self, request, **credentials):
        return self.exchanged(credentials.get("code"))

    def exchanged(self, code):
        return None


UNCOUNTED = [
    ModelBackend,
    AllowAllUsersModelBackend,
    ByEmail,
    Directory,
    OnItsOwn,
    TakesAnything,
    AsyncAlone,
    AsyncOnItsOwn,
    SuperForSomethingElse,
    FirstOnItsOwn,
    PassesOnToOneOnItsOwn,
    Proxy,
    made,
]
COUNTED = [
    StateBackend,
    RemoteUserBackend,
    AllowAllUsersRemoteUserBackend,
    Permissions,
    Link,
    Finder,
    Careful,
    ByBase,
    AsyncCareful,
    AnythingButPasswords,
    ProxyOfOurs,
    ours_made,
]


def complaints():
    return [message for message in checks.run_checks(tags=["users"]) if message.id == "users.E021"]


@pytest.mark.parametrize("backend", UNCOUNTED)
def test_a_backend_that_checks_passwords_and_does_not_count_is_an_error(settings, backend):
    path = f"{backend.__module__}.{backend.__name__}"
    settings.AUTHENTICATION_BACKENDS = [OURS, path]

    (complaint,) = complaints()
    assert complaint.level == checks.ERROR
    assert repr(path) in complaint.msg

    settings.USERS_BACKENDS_WITHOUT_PASSWORDS = [path]
    assert complaints() == []


@pytest.mark.parametrize("backend", COUNTED)
def test_a_backend_that_counts_or_checks_no_password_is_left_alone(settings, backend):
    settings.AUTHENTICATION_BACKENDS = [OURS, f"{backend.__module__}.{backend.__name__}"]

    assert complaints() == []


def test_what_derives_from_a_backend_without_passwords_has_none_either(settings):
    settings.AUTHENTICATION_BACKENDS = [OURS, f"{__name__}.OurSingleSignOn"]
    assert len(complaints()) == 1

    settings.USERS_BACKENDS_WITHOUT_PASSWORDS = [f"{__name__}.SingleSignOn"]
    assert complaints() == []


def test_each_backend_is_named(settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.ByEmail", OURS, f"{__name__}.Directory"]

    assert [backend in message.msg for backend, message in zip(["ByEmail", "Directory"], complaints(), strict=True)]
    assert len(complaints()) == 2
