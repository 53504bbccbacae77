"""The email with a link to set a new password, on request and only for active accounts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import mail
from users.input import mailbox
from users.login.recovery import link_requests
from users.mail import password_link
from users.mail.kinds import Facts, Letter, kind
from users.rows.user_model import has_field
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

KIND = "password_reset"


def accounts_with(address: str) -> Iterable[User]:
    """
    The accounts with this address that may log in with a password.

    That is Django's own question: an unusable password says that the person logs in elsewhere. An empty column says
    nothing, so `has_password`, for which both are none, would keep the link from somebody who needs it.
    """
    if not has_field("password"):
        return []
    users = get_user_model()._default_manager.filter(mailbox.having(address), is_active=True).select_related("fsm")
    return [user for user in users if user.has_usable_password() and user.fsm.current_state == State.ACTIVE]


@mail.on_request(KIND)
def answer(address: str, using: str) -> None:
    """Queue a link for each of the accounts with this address."""
    for user in accounts_with(address):
        send(user, using=using)


def send(user: User, *, using: str = "") -> None:
    """Queue a link for this user, unless the account has reached its limit."""
    if link_requests.account_may_get(user):
        mail.send(KIND, user, using=using)


@kind(KIND, gettext_lazy("Link to set a new password"))
def password_reset(user: User, facts: Facts) -> Letter:
    """Somebody asked for a new password, the person or a stranger."""
    return password_link.letter(
        user,
        _("Set a new password"),
        _("Somebody asked for a new password for your account %(username)s at %(site)s."),
        label=_("Set a new password"),
        closing=[_("If it was not you, you can ignore this email. Your password stays as it is.")],
    )
