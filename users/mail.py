"""Mails to people: text and HTML, in the language that is active, after the commit."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from users import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

logger = logging.getLogger("users.mail")

_background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="users.mail")
"""Sends one mail after the other; a process that ends sends what is left first."""


def send(template: str, user: User, context: Mapping[str, Any], *, using: str) -> None:
    """
    Send `users/mail/<template>.*` to this user when the transaction on the database `using` is committed.

    A mail that cannot be sent is logged, and does not fail what was committed. Nothing is sent to who has no address.
    """
    if user.email:
        message = compose(template, user, context)

        # A function, not a `partial`: Django reads the name of what failed.
        def start() -> None:
            deliver(message)

        transaction.on_commit(start, using=using, robust=True)


def deliver(message: EmailMessage) -> None:
    """Send this mail, beside the request unless `USERS_MAIL_IN_BACKGROUND` says otherwise; log what goes wrong."""
    if conf.mail_in_background():
        _background.submit(_send_or_log, message)
    else:
        _send_or_log(message)


def compose(template: str, user: User, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The mail from `<template>.subject.txt`, `.txt` and `.html`, whose context has `user` and `site_url` too."""
    everything = {"user": user, "site_url": conf.site_url(), **context}
    subject, text, html = (
        render_to_string(f"users/mail/{template}.{kind}", everything) for kind in ("subject.txt", "txt", "html")
    )
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[user.email])
    message.attach_alternative(html, "text/html")
    return message


def _send_or_log(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception:  # whatever a mail server or its backend raises; nobody waits for the outcome
        logger.exception("could not send a mail")
