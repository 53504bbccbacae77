"""Tells a person after the login how many failed ones there were since the last time (OWASP ASVS 5.0, 6.3.5)."""

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
    """Put their number on the next page, once; in a request that cannot show messages it stays for the next login."""
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
