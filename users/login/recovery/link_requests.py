"""Limits the requests for links by email, per address and per account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest

from users.conf import conf
from users.input.address import counted_address
from users.login import address_limit, attempts

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

WINDOW = timedelta(hours=1)


def wait(request: HttpRequest) -> int | None:
    """Count a request for a link from this address. Return the seconds to wait if it is over the limit, or None."""
    key = address_limit.key_of(counted_address(request), prefix="links")
    return attempts.take(key, limit=conf.reset_address_limit, window=WINDOW) if key else None


def account_may_get(user: User) -> bool:
    """Count a link for this account, and return whether it is within the limit."""
    return attempts.take(f"links-of:{user.pk}", limit=conf.reset_mail_limit, window=WINDOW) is None
