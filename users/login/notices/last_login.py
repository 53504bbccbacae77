"""Tells people after login when and from where their last login was (OWASP ASVS 5.0, 6.3.5)."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from users.database import local_time


def tell(request: HttpRequest, moment: datetime | None, address: str) -> None:
    """Show the previous login on the next page. Django has overwritten its `last_login` by then."""
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
