"""The pages for resetting a forgotten password."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.auth import views as auth
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from users.links import pages, password
from users.login.answers import too_many_links
from users.login.forms import PasswordResetForm
from users.login.recovery import link_requests


class ResetView(auth.PasswordResetView):
    """Send a link on request. The answer is the same for every address."""

    template_name = "user_lifecycle/password_reset.html"
    form_class = PasswordResetForm

    def get_success_url(self) -> str:
        return pages.after("password_reset_done")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seconds = link_requests.wait(request)
        return super().post(request, *args, **kwargs) if seconds is None else too_many_links(request, seconds)


class ConfirmView(auth.PasswordResetConfirmView):
    """Set the password, if the link is still valid at that moment."""

    template_name = "user_lifecycle/password_reset_confirm.html"
    token_generator = password.tokens

    def form_valid(self, form: Any) -> HttpResponse:
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        if password.use(self.user, token, form.cleaned_data["new_password1"]) is None:
            self.validlink = False
            response: HttpResponse = self.render_to_response(self.get_context_data(form=None))
            return response
        return HttpResponseRedirect(self.get_success_url())

    def get_success_url(self) -> str:
        return pages.after("password_reset_complete")

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        if not self.validlink:
            kwargs["status"] = HTTPStatus.GONE
        return super().render_to_response(context, **kwargs)
