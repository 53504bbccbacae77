"""Tells people about a new password or a changed email address, whoever changed it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.input import browser, mailbox
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import names_for
from users.mail.queue import address_of, send
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

BEFORE = "_users_address_before"


def is_to_be_told(user: User, update_fields: Collection[str] | None, using: str) -> bool:
    """
    Whether the person is told of this save, so that both need one transaction.

    Remembers the stored address, which the save overwrites.
    """
    if _writes_address(user, update_fields):
        stored = type(user)._base_manager.using(using).filter(pk=user.pk)
        setattr(user, BEFORE, stored.values_list(user.get_email_field_name(), flat=True).first())
    return _has_new_password(user) or getattr(user, BEFORE, None) not in (None, "", address_of(user))


def has_new_address(user: User, update_fields: Collection[str] | None) -> bool:
    """Whether this save moves the user to another mailbox. Asked after `is_to_be_told`, which reads the stored one."""
    before = getattr(user, BEFORE, None) or ""
    return _writes_address(user, update_fields) and not mailbox.is_same(before, address_of(user))


def _writes_address(user: User, update_fields: Collection[str] | None) -> bool:
    name = user.get_email_field_name()
    return hasattr(user, name) and (update_fields is None or name in update_fields)


def _has_new_password(user: User) -> bool:
    """
    Whether the password is new. Django's `save` checks the same: a hash that a login has upgraded is not a new
    password.
    """
    return getattr(user, "_password", None) is not None


def tell(user: User, using: str) -> None:
    """Queue emails about the changes of this save, in its transaction."""
    before = user.__dict__.pop(BEFORE, None)
    address, now = address_of(user), timezone.now()
    if before and before != address:
        send("address_changed", user, {"moment": now, "to_former_address": True}, to=before, using=using)
        send("address_is_new", user, {"moment": now}, using=using)
    if _has_new_password(user) and user.fsm.current_state != State.INVITED:
        send("password_changed", user, {"moment": now}, using=using)


@kind("password_changed", gettext_lazy("New password"))
def password_changed(user: User, facts: Facts) -> Letter:
    """The account has a new password."""
    return Letter(
        _("Your password was changed"),
        [_("The password of your account %(username)s at %(site)s was changed.") % names_for(user)],
        [(_("When:"), moment(facts["moment"]))],
        closing=[_("If it was not you, reset your password at once, and contact the people who run the site.")],
    )


@kind("address_changed", gettext_lazy("Changed address, to the former one"))
def address_changed(user: User, facts: Facts) -> Letter:
    """Goes to the old address, whose owner may be the only one to notice. The new address is not mentioned."""
    return Letter(
        _("The email address of your account was changed"),
        [
            _("The email address of your account %(username)s at %(site)s was changed. This address is no longer used.")
            % names_for(user)
        ],
        [(_("When:"), moment(facts["moment"]))],
        closing=[_("If it was not you, contact the people who run the site.")],
    )


@kind("address_is_new", gettext_lazy("Changed address, to the new one"))
def address_is_new(user: User, facts: Facts) -> Letter:
    """Goes to the new address."""
    return Letter(
        _("This is the new email address of your account"),
        [_("Emails about your account %(username)s at %(site)s now go to this address.") % names_for(user)],
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
        _("New login to your account %(username)s") % names_for(user),
        [_("Somebody logged in to your account %(username)s at %(site)s from a new device.") % names_for(user)],
        said,
        closing=[_("If it was not you, change your password at once and end that session on your account page.")],
    )
