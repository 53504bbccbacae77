"""
What either side of the benchmark of logins does, ours and django-axes'.

It knows Django alone: neither side's models can be imported on the other.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import count
from unittest import mock

from django.apps import apps
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.http import HttpRequest
from django.test import RequestFactory, override_settings

from benchmarks.measuring.harness import statements
from benchmarks.measuring.processes import obey
from tests.threads import at_once

PASSWORD = "correct horse"  # noqa: S105 - of people who do not exist
LIMIT, NO_LIMIT = 5, 10**6
GUESSES = 60
LOGINS = 40  # a round


def serve() -> None:
    """Be one side, until there is nothing more to do. The hasher is cheap, so that it is not the hash that counts."""
    call_command("migrate", verbosity=0)
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]), limited_to(NO_LIMIT):
        side = Side()
        obey(
            {
                "newcomer": side.newcomer,
                "failed": partial(often, side.fail),
                "successful": partial(often, side.succeed),
                "statements of failed": partial(statements, side.fail),
                "statements of successful": partial(statements, side.succeed),
                "burst": side.burst,
                "lottery": side.lottery,
            }
        )


def often(call: Callable[[], None]) -> None:
    """Make the calls of a round."""
    for _ in range(LOGINS):
        call()


class Side:
    """One side, with the person who logs in at the moment."""

    def __init__(self) -> None:
        self._numbers = count()
        self._begin()

    def newcomer(self) -> None:
        """Begin with another person; raises `RuntimeError` where the failures of the one before were not counted."""
        if self.failures and counted(self.user) != self.failures:
            raise RuntimeError(f"{self.failures} failed logins, counted {counted(self.user)}")
        self._begin()

    def _begin(self) -> None:
        self.failures = 0
        self.user = User.objects.create_user(f"person-{next(self._numbers)}", password=PASSWORD)
        if not axes():
            self.user.fsm.activate(by="system")

    def fail(self) -> None:
        """Log in with a wrong password."""
        self.failures += 1
        if self._try("wrong", request()):
            raise RuntimeError("a wrong password got in")

    def succeed(self) -> None:
        """Log in, with the session that follows."""
        self.failures = 0
        made = request()
        user = self._try(PASSWORD, made)
        if user is None:
            raise RuntimeError("a right password was refused")
        login(made, user)

    def burst(self) -> int:
        """
        Send wrong passwords in parallel, to somebody new, and return how many of them were answered.

        For django-axes that is each that was checked; for us each that counted: the others are refused, whatever they
        are. Raises `RuntimeError` where the account is not shut thereafter.
        """
        self._begin()
        with mock.patch.object(User, "check_password", autospec=True, side_effect=User.check_password) as checked:
            self._guess([f"guess {each}" for each in range(GUESSES)])
        with limited_to(LIMIT):
            if self._try(PASSWORD, request()):
                raise RuntimeError("a burst of wrong passwords has not shut the account")
        return checked.call_count if axes() else counted(self.user)

    def lottery(self) -> bool:
        """Send guesses in parallel, the right password at a random place among them; return whether it got in."""
        self._begin()
        passwords = [f"guess {each}" for each in range(GUESSES - 1)]
        passwords.insert(random.randrange(GUESSES), PASSWORD)  # noqa: S311 - a place in a list
        return self._guess(passwords)

    def _guess(self, passwords: list[str]) -> bool:
        with limited_to(LIMIT):
            outcomes = at_once(*(partial(self._try, each, request()) for each in passwords))
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        return self.user in outcomes

    def _try(self, password: str, made: HttpRequest) -> User | None:
        return authenticate(made, username=self.user.username, password=password)


def request() -> HttpRequest:
    """A login's request, with a session."""
    made = RequestFactory().post("/accounts/login/")
    made.session = SessionStore()
    return made


def limited_to(failures: int) -> override_settings:
    """With this limit of failed logins, on either side, and none for the address that they all come from."""
    return override_settings(
        AXES_FAILURE_LIMIT=failures, USERS_LOCKOUT_FAILURE_LIMIT=failures, USERS_LOCKOUT_ADDRESS_LIMIT=None
    )


def axes() -> bool:
    """Whether this is django-axes' side."""
    return apps.is_installed("axes")


def counted(user: User) -> int:
    """How many wrong passwords the lockout has counted for this user."""
    if axes():
        from axes.models import AccessAttempt

        failures: int = AccessAttempt.objects.get(username=user.username).failures_since_start
        return failures
    return User.objects.get(pk=user.pk).fsm.failed_logins_untold
