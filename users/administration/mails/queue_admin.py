"""
The admin pages of django-post-office for its tables, without our emails and our template.

Those pages render an email to show it, and an email to a person may contain a link that lets its reader in.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from post_office.admin import EmailAdmin, EmailTemplateAdmin
from post_office.models import Email, EmailTemplate

from users.mail.queue import CARRIER


class EmailsOfOthersAdmin(EmailAdmin):  # type: ignore[misc]  # no types
    """django-post-office's admin of emails, without emails to people."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        emails: QuerySet[Any] = super().get_queryset(request).filter(person_mail=None)
        return emails


class TemplatesOfOthersAdmin(EmailTemplateAdmin):  # type: ignore[misc]  # no types
    """django-post-office's admin of templates, without the template that carries our emails."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        templates: QuerySet[Any] = super().get_queryset(request).exclude(name=CARRIER)
        return templates


def keep_ours_out() -> None:
    """Register these in place of django-post-office's own classes. A project's own classes stay."""
    _replace(Email, EmailAdmin, EmailsOfOthersAdmin)
    _replace(EmailTemplate, EmailTemplateAdmin, TemplatesOfOthersAdmin)


def _replace(model: type[models.Model], theirs: type, ours: Any) -> None:
    if admin.site.is_registered(model) and type(admin.site.get_model_admin(model)) is theirs:
        admin.site.unregister(model)
        admin.site.register(model, ours)
