"""
The email to somebody whose account is open again and who has never had a password.

An invitation is for accounts that were never open, and a deactivated account has no way back to `invited`. So the
account is reactivated, and the link in this email is the one to set a password (`users.links.password`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import mail
from users.conf import conf
from users.exceptions import MailNotComposed
from users.links import password
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import username_of
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

KIND = "coming_back"


def welcome_back(user: User, *, using: str = "") -> None:
    """Queue an email with a link to choose a password, for a person who has none and has an address."""
    if not user.has_usable_password() and mail.address_of(user):
        mail.send(KIND, user, using=using)


@kind(KIND, gettext_lazy("Invitation to an account that is open again"))
def coming_back(user: User, facts: Facts) -> Letter:
    """The link is made when the email is sent. An account that is no longer active gets none."""
    if user.fsm.current_state != State.ACTIVE:
        raise MailNotComposed("the account is no longer active")
    if user.has_usable_password():
        raise MailNotComposed("a password has been chosen")
    names = {"username": username_of(user), "site": conf.site_url}
    until = moment(timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))
    return Letter(
        _("Your account is waiting for you"),
        [_("Your account %(username)s at %(site)s has been opened again.") % names],
        link=password.url(user),
        link_label=_("Choose a password"),
        closing=[_("The link works once, until %(until)s.") % {"until": until}],
    )
