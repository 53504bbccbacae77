"""Tells people about a new password or a changed email address, whoever changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import conf
from users.input import browser
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import username_of
from users.mail.queue import address_of, send
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

BEFORE = "_users_address_before"


def note_address(user: User, update_fields: frozenset[str] | None, *, using: str) -> None:
    """Remember the stored address before it is overwritten."""
    field = user.get_email_field_name()
    if user._state.adding or (update_fields is not None and field not in update_fields) or not hasattr(user, field):
        return
    setattr(
        user, BEFORE, type(user)._base_manager.using(using).filter(pk=user.pk).values_list(field, flat=True).first()
    )


def tell(user: User, *, using: str) -> None:
    """Queue emails about the changes of this save, in its transaction."""
    before = user.__dict__.pop(BEFORE, None)
    address, now = address_of(user), timezone.now()
    if before and before != address:
        send("address_changed", user, {"moment": now, "to_former_address": True}, to=before, using=using)
        send("address_is_new", user, {"moment": now}, using=using)
    # Django's `save` checks the same: a hash that login has upgraded is not a new password.
    if getattr(user, "_password", None) is not None and user.fsm.current_state != State.INVITED:
        send("password_changed", user, {"moment": now}, using=using)


def _names(user: User) -> dict[str, str]:
    return {"username": username_of(user), "site": conf.site_url()}


@kind("password_changed", gettext_lazy("New password"))
def password_changed(user: User, facts: Facts) -> Letter:
    """The account has a new password."""
    return Letter(
        _("Your password was changed"),
        [_("The password of your account %(username)s at %(site)s was changed.") % _names(user)],
        [(_("When:"), moment(facts["moment"]))],
        closing=[_("If it was not you, reset your password at once, and contact the people who run the site.")],
    )


@kind("address_changed", gettext_lazy("Changed address, to the former one"))
def address_changed(user: User, facts: Facts) -> Letter:
    """To the old address, whose owner may be the only one to notice. The new address is not mentioned."""
    return Letter(
        _("The email address of your account was changed"),
        [
            _("The email address of your account %(username)s at %(site)s was changed. This address is no longer used.")
            % _names(user)
        ],
        [(_("When:"), moment(facts["moment"]))],
        closing=[_("If it was not you, contact the people who run the site.")],
    )


@kind("address_is_new", gettext_lazy("Changed address, to the new one"))
def address_is_new(user: User, facts: Facts) -> Letter:
    """To the new address."""
    return Letter(
        _("This is the new email address of your account"),
        [_("Emails about your account %(username)s at %(site)s now go to this address.") % _names(user)],
        [(_("When:"), moment(facts["moment"]))],
        closing=[_("If you do not know this account, contact the people who run the site.")],
    )


@kind("new_device", gettext_lazy("Login from a new device"))
def new_device(user: User, facts: Facts) -> Letter:
    """Facts: `moment`, and `address` and `browser` if known."""
    said = [(_("When:"), moment(facts["moment"]))]
    if facts.get("address"):
        said.append((_("From:"), facts["address"]))
    if facts.get("browser"):
        said.append((_("Browser:"), browser.in_words(facts["browser"]) or facts["browser"]))
    return Letter(
        _("New login to your account %(username)s") % _names(user),
        [_("Somebody logged in to your account %(username)s at %(site)s from a new device.") % _names(user)],
        said,
        closing=[_("If it was not you, change your password at once and end that session on your account page.")],
    )
