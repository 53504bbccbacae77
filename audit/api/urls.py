"""The whole API: the accounts, the record, the OpenAPI document, and a page to try it."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from audit.api import records
from users.api.authentication import ServiceTokenAuthentication
from users.api.schema import SETTINGS
from users.api.urls import urlpatterns as of_accounts

V1 = [
    *of_accounts,
    path("records", records.RecordsView.as_view(), name="api_records"),
    path("users/<str:key>/records", records.PersonRecordsView.as_view(), name="api_person_records"),
    path("users/<str:key>/state-at", records.StateAtView.as_view(), name="api_state_at"),
]
_DESCRIBED = {"custom_settings": SETTINGS, "permission_classes": (), "authentication_classes": ()}

urlpatterns = [
    path("v1/schema", SpectacularAPIView.as_view(patterns=[path("api/v1/", include(V1))], **_DESCRIBED), name="api_schema"),
    path("v1/docs", SpectacularSwaggerView.as_view(url_name="api_schema", **_DESCRIBED), name="api_docs"),
    path("v1/", include(V1)),
]
