"""Django's forms around the login, which give one answer to everything that opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordResetForm as DjangoPasswordResetForm

from users import mail
from users.input import mailbox
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

NOBODY = {"username": "", "password": ""}
"""Credentials that no account has; the backend hashes once for them, too."""


class LoginForm(AuthenticationForm):
    """
    Django's, in which a name or a password that a field refuses (NUL, nothing at all) is answered as a wrong one.

    The answer has the same words and takes the same work, so that it tells nothing.
    """

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            return super().clean()
        self.errors.clear()
        authenticate(self.request, **NOBODY)
        raise self.get_invalid_login_error()


class AdminLoginForm(LoginForm, AdminAuthenticationForm):
    """`LoginForm` for the admin."""


class PasswordResetForm(DjangoPasswordResetForm):
    """Keeps the request; the account is looked up beside it, so that the time of the answer tells nothing."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        mail.ask("password_reset", self.cleaned_data["email"])

    def get_users(self, email: str) -> Iterable[User]:
        return accounts_to_reset(email)


def accounts_to_reset(address: str) -> Iterable[User]:
    """The accounts with this address that may log in with a password."""
    users = get_user_model()._default_manager.filter(mailbox.having(address), is_active=True).select_related("fsm")
    return [user for user in users if user.has_usable_password() and user.fsm.current_state == State.ACTIVE]
