from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from audit.models import UserStateAudit
from audit.people.own_history import Entry, entry

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

register = template.Library()


@register.simple_tag
def latest_of_own_history(user: User, count: int) -> list[Entry]:
    """Return the latest events of this user's account, newest first."""
    return [entry(record) for record in UserStateAudit.objects.of(user).order_by("-sequence")[:count]]
