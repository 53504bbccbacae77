"""Mails to people: text and HTML, in the language that is active, after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from users import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def send(template: str, user: User, context: Mapping[str, Any], *, using: str) -> None:
    """
    Send `users/mail/<template>.*` to this user when the transaction on the database `using` is committed.

    A mail that cannot be sent is logged, and does not fail what was committed. Nothing is sent to who has no address.
    """
    if user.email:
        message = compose(template, user, context)
        # The method itself, not a `partial`: Django reads the name of what failed.
        transaction.on_commit(message.send, using=using, robust=True)


def compose(template: str, user: User, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The mail from `<template>.subject.txt`, `.txt` and `.html`, whose context has `user` and `site_url` too."""
    everything = {"user": user, "site_url": conf.site_url(), **context}
    subject, text, html = (
        render_to_string(f"users/mail/{template}.{kind}", everything) for kind in ("subject.txt", "txt", "html")
    )
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[user.email])
    message.attach_alternative(html, "text/html")
    return message
