"""The email with a link to set a new password, for whoever has forgotten theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import conf, mail
from users.exceptions import MailNotComposed
from users.login.forms import accounts_to_reset
from users.mail.kinds import Facts, Letter, kind
from users.mail.occasions import link_to_set_password
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


@mail.on_request("password_reset")
def answer(address: str, using: str) -> None:
    """Queue the email for each account with this address that may log in."""
    for user in accounts_to_reset(address):
        mail.send("password_reset", user, using=using)


@kind("password_reset", gettext_lazy("Link to set a new password"))
def password_reset(user: User, facts: Facts) -> Letter:
    """The link is made when the email is sent; no account that is shut gets one."""
    if user.fsm.current_state != State.ACTIVE:
        raise MailNotComposed("the account is not active any more")
    names = {"username": user.get_username(), "site": conf.site_url()}
    return Letter(
        _("Set a new password"),
        [_("Somebody asked for a new password for your account %(username)s at %(site)s.") % names],
        link=link_to_set_password(user),
        link_label=_("Set a new password"),
        closing=[_("If it was not you, you can ignore this email. Your password stays as it is.")],
    )
