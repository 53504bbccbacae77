"""
The link with which a person sets a new password.

Its token is Django's, extended by the version and the state of the account. So every transition invalidates it, like a
new password, a changed email address, a login, and `PASSWORD_RESET_TIMEOUT`. It is valid only for active accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import router, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from users.links import pages
from users.links.account import locked
from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class PasswordTokens(PasswordResetTokenGenerator):
    """Django's generator, but every transition of the account invalidates its tokens."""

    key_salt = "users.links.password"

    def check_token(self, user: Any, token: str | None) -> bool:
        if user is None or user.fsm.current_state != State.ACTIVE:
            return False
        return super().check_token(user, token)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.fsm.current_state}{user.fsm.version}"


tokens = PasswordTokens()


def url(user: User) -> str:
    """Return the URL at which this user can set a password. It always begins with `USERS_SITE_URL`."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return pages.link("password_reset_confirm", key, tokens.make_token(user))


def use(user: User | None, token: str | None, password: str) -> User | None:
    """Set the password and return the saved user, or None if the token is no longer valid."""
    if user is None:
        return None
    using = router.db_for_write(UserFSM)
    with transaction.atomic(using=using):
        fsm = locked(using).filter(user=user.pk).first()  # THE LOCK
        if fsm is None or not tokens.check_token(fsm.user, token):
            return None
        fresh: User = fsm.user
        fresh.set_password(password)
        fresh.save(using=using, update_fields=["password"])
        return fresh
