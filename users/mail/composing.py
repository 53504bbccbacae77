"""Composes the text of an email when it is sent, in the person's language."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.utils import translation

from users.conf import conf
from users.exceptions import MailNotComposed
from users.mail.kinds import KINDS, Letter
from users.mail.language import language_of
from users.mail.queue import address_of, restored

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def render(part: str, about: Mapping[str, Any]) -> str:
    """
    Return a part of an email: its `subject`, the `text` or the `html`.

    Raises `MailNotComposed` if the account is gone or has another address now, because the links are only for the owner
    of that mailbox.
    """
    user, letter = _composed.of(about)
    with translation.override(language_of(user)):
        if part == "subject":
            return " ".join(letter.subject.split())
        return _body(part, user, letter)


class _Composed(threading.local):
    """
    The letter whose parts are being rendered, one after the other, each by its own template.

    It is composed once, so that all parts say the same. An email that is tried again is read and composed anew.
    """

    about: Mapping[str, Any] | None = None
    found: tuple[User, Letter]

    def of(self, about: Mapping[str, Any]) -> tuple[User, Letter]:
        if self.about is not about:
            self.found = _compose(about)
            self.about = about
        return self.found


_composed = _Composed()


def _compose(about: Mapping[str, Any]) -> tuple[User, Letter]:
    user = _addressee(about)
    with translation.override(language_of(user)):
        return user, KINDS[about["kind"]].compose(user, restored(about["facts"]))


def _body(part: str, user: User, letter: Letter) -> str:
    site = urlsplit(conf.site_url).netloc
    context = {"letter": letter, "user": user, "site": site, "site_url": conf.site_url}
    return render_to_string(f"user_lifecycle/mail/letter.{'txt' if part == 'text' else 'html'}", context)


def _addressee(about: Mapping[str, Any]) -> User:
    users = get_user_model()._base_manager.select_related("fsm")
    user: User | None = users.filter(pk=about["user"]).first()
    if user is None:
        raise MailNotComposed("the account was deleted")
    if about["kind"] not in KINDS:
        raise MailNotComposed(f"{about['kind']!r} is not a kind of email")
    if address_of(user) != about["to"] and not about["facts"].get("to_former_address"):
        raise MailNotComposed("the account has another address now")
    return user
