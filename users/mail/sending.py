"""Mails to people: text and HTML, in the language that is active, after the commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connections, transaction
from django.template.loader import render_to_string
from django.utils import translation

from users import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

logger = logging.getLogger("users.mail")

_background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="users.mail")
"""Does one thing after the other; a process that ends does what is left first."""


def address_of(user: User) -> str:
    """The user's e-mail address, whatever the user model calls its field; empty where there is none."""
    return getattr(user, user.get_email_field_name(), None) or ""


def send(template: str, user: User, context: Mapping[str, Any], *, using: str) -> None:
    """
    Send `user_lifecycle/mail/<template>.*` to this user when the transaction on the database `using` is committed.

    A mail that cannot be sent is logged, and does not fail what was committed. Nothing is sent to who has no address.
    """
    if address_of(user):
        message = compose(template, user, context)

        # A function, not a `partial`: Django reads the name of what failed.
        def start() -> None:
            deliver(message)

        transaction.on_commit(start, using=using, robust=True)


def deliver(message: EmailMessage) -> None:
    """Send this mail beside the request; log what goes wrong."""
    beside_the_request(message.send)


def beside_the_request(task: Callable[[], object]) -> None:
    """
    Do this outside of the request, in its language, unless `USERS_MAIL_IN_BACKGROUND` says otherwise.

    For what somebody who waits for the answer could tell from its time. What goes wrong is logged.
    """
    if conf.mail_in_background():
        _background.submit(_do_in_background, partial(_do_or_log, task), translation.get_language())
    else:
        _do_or_log(task)


def compose(template: str, user: User, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The mail from `<template>.subject.txt`, `.txt` and `.html`, whose context has `user` and `site_url` too."""
    everything = {"user": user, "site_url": conf.site_url(), **context}
    subject, text, html = (
        render_to_string(f"user_lifecycle/mail/{template}.{kind}", everything)
        for kind in ("subject.txt", "txt", "html")
    )
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[address_of(user)])
    message.attach_alternative(html, "text/html")
    return message


def _do_in_background(task: Callable[[], None], language: str | None) -> None:
    try:
        with translation.override(language):
            task()
    finally:
        connections.close_all()  # this thread's own, which no request ends


def _do_or_log(task: Callable[[], object]) -> None:
    try:
        task()
    except Exception:  # whatever a mail server or its backend raises; nobody waits for the outcome
        logger.exception("could not send a mail")
