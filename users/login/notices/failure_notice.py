"""Tells people after login how many logins have failed since the last one (OWASP ASVS 5.0, 6.3.5)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import ngettext

from users.models import UserFSM


def to_tell(request: HttpRequest, fsm: UserFSM) -> int:
    """Return the number to tell. A request that cannot show messages leaves it for the next login."""
    return fsm.failed_logins_untold if hasattr(request, "_messages") else 0


def tell(request: HttpRequest, failures: int) -> None:
    """Show the number once, on the next page."""
    if failures:
        told = ngettext(
            "There was %(count)d failed login to your account since the last time you logged in.",
            "There were %(count)d failed logins to your account since the last time you logged in.",
            failures,
        )
        messages.warning(request, told % {"count": failures})
