"""Tells people after login how many logins have failed since the last one (OWASP ASVS 5.0, 6.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import ngettext

from users.models import UserFSM

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def tell(request: HttpRequest, user: User) -> None:
    """Show the number once, on the next page. A request that cannot show messages leaves it for the next login."""
    untold = user.fsm.failed_logins_untold
    if not untold or not hasattr(request, "_messages"):
        return
    row = UserFSM._base_manager.filter(pk=user.fsm.pk, failed_logins_untold__gte=untold)
    if row.update(failed_logins_untold=F("failed_logins_untold") - untold):
        told = ngettext(
            "There was %(count)d failed login to your account since the last time you logged in.",
            "There were %(count)d failed logins to your account since the last time you logged in.",
            untold,
        )
        messages.warning(request, told % {"count": untold})
