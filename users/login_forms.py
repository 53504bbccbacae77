"""Django's forms around the login, which give one answer to everything that opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordResetForm as DjangoPasswordResetForm
from django.core.mail import EmailMultiAlternatives
from django.template import loader

from users import mail
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

NOBODY = {"username": "", "password": ""}


class LoginForm(AuthenticationForm):
    """What a field refuses, such as NUL or nothing at all, gets the answer and the work of a wrong password."""

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            return super().clean()
        self.errors.clear()
        authenticate(self.request, **NOBODY)
        raise self.get_invalid_login_error()


class AdminLoginForm(LoginForm, AdminAuthenticationForm):
    """The same for the admin."""


class PasswordResetForm(DjangoPasswordResetForm):
    """Sends its mail to accounts that may log in, beside the request: how long the answer takes tells nothing."""

    def get_users(self, email: str) -> Iterable[User]:
        return (user for user in super().get_users(email) if user.fsm.current_state == State.ACTIVE)

    def send_mail(  # noqa: PLR0917 - Django's
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        subject = "".join(loader.render_to_string(subject_template_name, context).splitlines())
        body = loader.render_to_string(email_template_name, context)
        message = EmailMultiAlternatives(subject, body, from_email, [to_email])
        if html_email_template_name:
            message.attach_alternative(loader.render_to_string(html_email_template_name, context), "text/html")
        mail.deliver(message)
