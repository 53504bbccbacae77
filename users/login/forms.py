"""Django's forms around the login, which give one answer to everything that opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordResetForm as DjangoPasswordResetForm

from users import mail
from users.login import reset_mail

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
    """Keeps the request. The account is looked up outside of it, so that the time of the answer reveals nothing."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        mail.ask(reset_mail.KIND, self.cleaned_data["email"])

    def get_users(self, email: str) -> Iterable[User]:
        return reset_mail.accounts_with(email)
