"""The admin page for changing one's own password."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminPasswordChangeForm as DjangoAdminPasswordChangeForm
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from users.people.account import PasswordChangeView
from users.people.forms import PasswordChangeForm


class AdminPasswordChangeForm(PasswordChangeForm, DjangoAdminPasswordChangeForm):
    """Django's form for the admin, but a wrong old password counts as a failed login."""


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
