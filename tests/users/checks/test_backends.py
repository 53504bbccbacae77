"""Backends beside ours: which of them check passwords, and whether they count."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend, ModelBackend, RemoteUserBackend
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


def complaints():
    return [message for message in checks.run_checks(tags=["users"]) if message.id == "users.E021"]


@pytest.mark.parametrize("backend", [ModelBackend, ByEmail, Directory, OnItsOwn])
def test_a_backend_that_checks_passwords_and_does_not_count_is_an_error(settings, backend):
    path = f"{backend.__module__}.{backend.__name__}"
    settings.AUTHENTICATION_BACKENDS = [OURS, path]

    (complaint,) = complaints()
    assert complaint.level == checks.ERROR
    assert repr(path) in complaint.msg

    settings.USERS_BACKENDS_WITHOUT_PASSWORDS = [path]
    assert complaints() == []


@pytest.mark.parametrize("backend", [StateBackend, RemoteUserBackend, Permissions, Link, Finder, Careful])
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
