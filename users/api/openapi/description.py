"""The OpenAPI document, and a page to try the API; both without a login."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from drf_spectacular.settings import patched_settings
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from users.api.openapi.schema import SETTINGS


class Document(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON."""

    custom_settings = dict(SETTINGS)
    schema = None  # no part of what it describes
    permission_classes = ()
    authentication_classes = ()


class Page(SpectacularSwaggerSplitView):
    """Swagger UI, served from here, with nothing inline: a Content-Security-Policy forbids that."""

    template_name = "user_lifecycle/api.html"
    title = "Accounts API"
    schema = None  # no part of what it shows

    permission_classes = ()
    authentication_classes = ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with patched_settings(dict(SETTINGS)):
            return super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
