"""Django's pages for login and logout, and where they lead in a project that has not said it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import views as auth

from users.links import pages
from users.login.forms import LoginForm


class LoginView(auth.LoginView):
    """The login. It leads to the account, because hardly any project has the page that Django names by default."""

    template_name = "user_lifecycle/login.html"
    authentication_form = LoginForm

    def get_default_redirect_url(self) -> str:
        return super().get_default_redirect_url() if self.next_page else pages.after_login()


class LogoutView(auth.LogoutView):
    """The logout. It leads to the login, because Django's page after a logout is one of the admin's."""

    def get_default_redirect_url(self) -> str:
        is_said = self.next_page or settings.LOGOUT_REDIRECT_URL
        return super().get_default_redirect_url() if is_said else pages.after()
