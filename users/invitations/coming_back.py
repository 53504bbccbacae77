"""
The email to somebody whose account is open again and who has never had a password.

An invitation is for accounts that were never open, and a deactivated account has no way back to `invited`. So the
account is reactivated, and the link in this email is the one to set a password (`users.links.password`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import mail
from users.exceptions import MailNotComposed
from users.mail import password_link
from users.mail.kinds import Facts, Letter, kind
from users.rows.user_model import has_password

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

KIND = "coming_back"


def welcome_back(user: User, *, using: str = "") -> None:
    """Queue an email with a link to choose a password, for a person who has none and has an address."""
    if not has_password(user) and mail.address_of(user):
        mail.send(KIND, user, using=using)


@kind(KIND, gettext_lazy("Invitation to an account that is open again"))
def coming_back(user: User, facts: Facts) -> Letter:
    """The account is open again, and the person still has no password."""
    if has_password(user):
        raise MailNotComposed("a password has been chosen")
    return password_link.letter(
        user,
        _("Your account is waiting for you"),
        _("Your account %(username)s at %(site)s has been opened again."),
        label=_("Choose a password"),
    )
