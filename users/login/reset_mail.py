"""The email with a link to set a new password, on request and only for active accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import router
from django.utils import timezone

from users import mail
from users.links import password
from users.login import link_requests
from users.models import UserFSM

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def ask(address: str, users_with: Callable[[str], Iterable[User]]) -> None:
    """Send a link to each account with this email address, outside the request."""

    def send_all() -> None:
        for user in users_with(address):
            send(user)

    mail.beside_the_request(send_all)


def send(user: User) -> None:
    """Send a link to this user, unless the account has reached its limit."""
    if not link_requests.account_may_get(user):
        return
    ends = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    context = {"link": password.url(user), "link_ends": ends}
    mail.send("password_reset", user, context, using=router.db_for_write(UserFSM))
