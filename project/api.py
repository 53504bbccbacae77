"""The HTTP API and SCIM, where the packages of requirements-api.txt are installed."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []

if apps.is_installed("users.api"):
    urlpatterns.append(path("api/", include("audit.api.urls")))
    if find_spec("django_scim"):
        urlpatterns.append(path("scim/v2/", include("users.api.scim.urls")))
