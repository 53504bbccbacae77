"""A person with a browser: real requests to real pages, from an address and with a user agent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from audit.middleware import RequestContextMiddleware
from project import mailbox
from project.demonstration.people import SCRIPT, STRANGE, Person
from users.links import pages

T = TypeVar("T")

_LINK = re.compile(r"^(https?://\S+)$", re.MULTILINE)


class UnexpectedAnswer(Exception):
    """A page did not do what the story expects. The message names the page and the status."""


class Browser:
    """A browser of a person, whose address and user agent are recorded."""

    def __init__(self, person: Person, agent: str = "") -> None:
        self.person, self.password = person, ""
        self._sent: dict[str, Any] = {
            "REMOTE_ADDR": person.address,
            "HTTP_USER_AGENT": agent or person.agent,
        }
        self._client = Client(**self._sent)

    @property
    def user(self) -> User:
        """The person's account, as it is now."""
        return User.objects.get(username=self.person.username)

    def log_in(self) -> None:
        """Log in on the login page."""
        self._send(pages.login(), username=self.person.username, password=self.password)

    def accept_invitation(self) -> None:
        """Choose a password behind the link in the newest email."""
        self._send(self._link(), new_password1=self.password, new_password2=self.password)

    def unlock(self) -> None:
        """Press the button behind the link in the newest email."""
        self._send(self._link())

    def change_password(self, password: str) -> None:
        """Choose another password."""
        words = {"old_password": self.password, "new_password1": password, "new_password2": password}
        self._send(pages.address("password_change"), **words)

    def leave(self) -> None:
        """Deactivate one's own account."""
        self._send(pages.address("leave"), password=self.password)

    def does(self, work: Callable[[], T]) -> T:
        """Do something as this person within a request of this browser, and return what it returned."""
        done: list[T] = []

        def respond(request: HttpRequest) -> HttpResponse:
            request.user = self.user
            done.append(work())
            return HttpResponse()

        RequestContextMiddleware(respond)(RequestFactory(**self._sent).post("/admin/"))
        return done[0]

    def _link(self) -> str:
        (message, *_) = mailbox.newest_first(to=self.person.email)
        (link, *_) = _LINK.findall(message.text)
        return str(urlsplit(link).path)

    def _send(self, address: str, **form: str) -> None:
        answer = self._client.post(address, form)
        if answer.status_code != 302:  # noqa: PLR2004 - after a form that was accepted, every page leads to another one
            raise UnexpectedAnswer(f"{address} answered {answer.status_code} to {self.person.username}")


def guess(person: Person, times: int) -> None:
    """Try wrong passwords for this person's account from a strange address."""
    stranger: Any = Client(REMOTE_ADDR=STRANGE, HTTP_USER_AGENT=SCRIPT)
    for number in range(times):
        stranger.post(pages.login(), {"username": person.username, "password": f"{person.username}{number}"})
