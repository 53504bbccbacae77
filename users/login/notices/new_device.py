"""Tells a person by email of a login from a browser that has not been used for their account before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone

from users import mail
from users.input.address import client_address
from users.input.text import storable

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

BROWSER_LENGTH = 200


def tell(request: HttpRequest, user: User) -> None:
    """Queue the email."""
    browser = storable(request.META.get("HTTP_USER_AGENT", ""), BROWSER_LENGTH)
    facts = {"moment": timezone.now(), "address": client_address(request), "browser": browser}
    mail.send("new_device", user, facts)
