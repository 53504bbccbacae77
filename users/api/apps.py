"""The app of the API, with the models that only it needs."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersApiConfig(AppConfig):
    """An app of its own, so that a project without the API has none of its tables."""

    name = "users.api"
    label = "user_api"
    verbose_name = _("API")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from users.api.openapi import schema  # noqa: F401 - drf-spectacular finds the description of tokens there
