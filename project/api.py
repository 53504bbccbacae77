"""The HTTP API, where the packages of requirements-api.txt are installed."""

from __future__ import annotations

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = (
    [path("api/", include("audit.api.urls"))] if apps.is_installed("users.api") else []
)
