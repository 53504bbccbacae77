"""
The admin pages of django-post-office for its tables, without our emails and our template.

Those pages render an email to show it, and an email to a person may contain a link that lets its reader in.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from post_office.admin import EmailAdmin, EmailTemplateAdmin

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
