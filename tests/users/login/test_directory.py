"""People whose passwords a directory keeps, by the backend that docs/lockout.md shows."""

import re

import pytest
from django.conf import settings as project
from django.contrib.auth import authenticate, get_user_model
from django.dispatch import Signal, receiver  # noqa: F401 - the page names it
from django.urls import reverse

from tests.factories import make_superuser
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db


ldap_error = Signal()


class LDAPError(Exception):
    """As python-ldap's."""


class LDAPBackend:
    """As django-auth-ldap's: it inherits from nothing, makes users as it finds them, and lets everybody in."""

    asked = 0
    is_down = False

    def authenticate(self, request, username=None, password=None, **kwargs):
        LDAPBackend.asked += 1
        self.report()
        return self.populate_user(username) if password == "of the directory" else None

    def report(self):
        """By itself the package goes on, and finds nobody. Receivers may raise the error instead."""
        if LDAPBackend.is_down:
            ldap_error.send(LDAPBackend, exception=LDAPError())

    def populate_user(self, username):
        self.report()
        if LDAPBackend.is_down:
            return None
        if username not in ("ann", "bob"):
            return None
        user, is_new = get_user_model().objects.get_or_create(username=username)
        if is_new:
            user.set_unusable_password()
            user.save()
        return user


PAGE = (project.BASE_DIR / "docs/lockout.md").read_text()
(SHOWN,) = re.findall(r"```python\n(class DirectoryBackend.*?)```", PAGE, re.DOTALL)
from users.backends import StateBackend  # noqa: E402, F401 - the page names it

exec(SHOWN)  # noqa: S102 - what the page tells people to write


@pytest.fixture(autouse=True)
def directory(settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.DirectoryBackend"]
    settings.USERS_INITIAL_STATE = "active"
    LDAPBackend.asked = 0
    LDAPBackend.is_down = False


def log_in(client, name, password="of the directory"):
    client.post(reverse("user_lifecycle:login"), {"username": name, "password": password})
    return "_auth_user_id" in client.session


def account(name):
    return UserFSM.objects.get(user__username=name)


def test_somebody_of_the_directory_gets_in_at_the_first_login(client):
    assert log_in(client, "ann")
    assert account("ann").current_state == State.ACTIVE


def test_wrong_passwords_of_the_directory_count_and_lock(client):
    for _ in range(5):
        assert not log_in(client, "ann", "wrong")

    assert account("ann").locked_by_failed_logins


def test_the_directory_is_not_asked_about_an_account_that_is_locked_here(client):
    authenticate(username="ann", password="wrong")
    account("ann").lock(by="system")
    asked = LDAPBackend.asked

    assert not log_in(client, "ann")
    assert LDAPBackend.asked == asked


def test_nobody_is_locked_because_the_directory_is_down(client):
    assert log_in(client, "ann")
    client.logout()
    LDAPBackend.is_down = True
    for _ in range(6):
        assert not log_in(client, "ann")
        assert not log_in(client, "bob")
    LDAPBackend.is_down = False

    assert account("ann").failed_logins == 0
    assert log_in(client, "ann")


def test_nobody_of_neither_gets_in(client):
    assert not log_in(client, "zoe")


def test_who_has_a_password_here_logs_in_with_that_one(client):
    make_superuser("root", password="of this project")

    assert not log_in(client, "root")
    assert log_in(client, "root", "of this project")


def test_the_checks_accept_the_backend(settings):
    from users.checks.backends import ALL

    assert [message for check in ALL for message in check(None)] == []
