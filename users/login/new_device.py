"""Tells a person by email of a login from a browser that has not been used for their account before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone

from users import mail
from users.input.address import client_address
from users.input.text import storable
from users.login import known_devices
from users.models import UserFSM

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

BROWSER_LENGTH = 200


def tell(request: HttpRequest, user: User) -> None:
    """Queue the email, except after the first login of all; to be called before that login is stored."""
    row = UserFSM._base_manager.filter(user=user)
    if known_devices.was_used(request, user) or not row.exclude(last_login_at=None).exists():
        return
    browser = storable(request.META.get("HTTP_USER_AGENT", ""), BROWSER_LENGTH)
    facts = {"moment": timezone.now(), "address": client_address(request), "browser": browser}
    mail.send("new_device", user, facts)
