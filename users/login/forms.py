"""Login forms that give the same answer to every failed login."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordResetForm as DjangoPasswordResetForm

from users import mail
from users.login.recovery import reset_mail

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

NOBODY = {"username": "", "password": ""}
"""Credentials of no account, for which the backend computes one hash too."""


class LoginForm(AuthenticationForm):
    """
    Django's form, but a name or password that a field refuses (NUL, empty) is answered like a wrong one.

    The answer has the same words and takes the same time, so that it reveals nothing.
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
    """Requests a link outside the request, so that the response time reveals nothing."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        mail.ask(reset_mail.KIND, self.cleaned_data["email"])

    def get_users(self, email: str) -> Iterable[User]:
        return reset_mail.accounts_with(email)
