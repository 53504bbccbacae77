"""The admin's forms for changing one's own password, and that of somebody else."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminPasswordChangeForm as DjangoAdminPasswordChangeForm
from django.contrib.auth.forms import AdminPasswordChangeForm as DjangoPasswordForm
from django.contrib.auth.forms import SetUnusablePasswordMixin
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from users.people.account import PasswordChangeView
from users.people.forms import PasswordChangeForm


class AdminPasswordChangeForm(PasswordChangeForm, DjangoAdminPasswordChangeForm):
    """Django's form for the admin, but a wrong old password counts as a failed login."""


class PasswordOfAnotherForm(DjangoPasswordForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Django's form for the password of somebody else, with a help text in the reader's language."""

    usable_password_help_text = lazy(format_html, str)(
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        SetUnusablePasswordMixin.usable_password_help_text,
        _("If disabled, the current password for this user will be lost."),
    )


def password_change(site: AdminSite, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
    """`AdminSite.password_change` with this form; Django 5.2 has no setting for it."""
    request.current_app = site.name
    view = PasswordChangeView.as_view(
        form_class=AdminPasswordChangeForm,
        template_name=site.password_change_template or "registration/password_change_form.html",
        success_url=reverse("admin:password_change_done", current_app=site.name),
        success_message="",
        extra_context=site.each_context(request) | (extra_context or {}),
    )
    return view(request)
