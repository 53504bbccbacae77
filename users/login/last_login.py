"""Tells people after login when and from where their last login was (OWASP ASVS 5.0, 6.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from users import local_time
from users.input.address import client_address
from users.models import UserFSM

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def tell(request: HttpRequest, user: User) -> None:
    """Store this login, and show the previous one on the next page. Django has overwritten its `last_login` by then."""
    row = UserFSM._base_manager.filter(user=user)
    moment, address = row.values_list("last_login_at", "last_login_from").first() or (None, "")
    row.update(last_login_at=timezone.now(), last_login_from=client_address(request))
    if moment is None or not hasattr(request, "_messages"):
        return
    said = {
        "moment": date_format(local_time.local(moment), "DATETIME_FORMAT"),
        "zone": local_time.local(moment).tzname(),
    }
    if address:
        said["address"] = address
        messages.info(request, _("Your last login was on %(moment)s (%(zone)s) from %(address)s.") % said)
    else:
        messages.info(request, _("Your last login was on %(moment)s (%(zone)s).") % said)
