"""Forms of the pages for people, beside Django's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class AskAnewForm(forms.Form):
    """The email address to which a new link is sent, of an invitation or to unlock an account."""

    email = forms.EmailField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True})
    )


class LeaveForm(forms.Form):
    """Asks for the password again before the account is deactivated. A wrong one counts as a failed login."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        self.user = owner_of_password(self.request, password)
        return password


class PasswordChangeForm(DjangoPasswordChangeForm):
    """Django's form, but a wrong old password counts as a failed login, so nobody can guess it in an open session."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        owner_of_password(self.request, password)
        return password


def owner_of_password(request: HttpRequest, password: str) -> User:
    """
    Return the logged-in user, authenticated again with this password.

    Raises `ValidationError` for a wrong password. The backend counts it, and it may lock the account.
    """
    user = authenticate(request, username=request.user.get_username(), password=password)
    if user is None or user.pk != request.user.pk:
        raise ValidationError(_("That is not your password."), code="wrong_password")
    return user
