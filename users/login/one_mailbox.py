"""
Refuses to save, within a request, an address that another account has.

Forms, the admin, the API and SCIM ask before they save, and their answer names the field. Sign-up pages and APIs of
other packages do not ask, and neither does the loser of a race, so the save itself refuses. Outside of requests, code
decides for itself: fixtures and imports often give many accounts one address.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from users.exceptions import MailboxTaken
from users.input import mailbox
from users.login import this_request
from users.mail import changes

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def is_to_be_asked(user: User, update_fields: Collection[str] | None, using: str) -> bool:
    """Whether a request saves this user with an address that is not the stored one."""
    if this_request.current() is None or not mailbox.has_addresses():
        return False
    return user._state.adding or changes.has_new_address(user, update_fields)


def refuse_taken(user: User, using: str) -> None:
    """Raise `MailboxTaken` if another account has the address that was just saved."""
    if mailbox.is_of_others(user, using=using):
        raise MailboxTaken
