"""The URLs of SCIM: `path("scim/v2/", include("users.api.scim.urls"))`."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django_scim.views import SCIMView

from users.api.scim import views

app_name = "scim"

ON_ONE = ("get", "put", "patch", "delete")
"""What can be done with one user."""

urlpatterns = [
    path("Users/.search", SCIMView.as_view(implemented=False)),
    path("Users", views.UsersView.as_view(http_method_names=("get", "post")), name="users"),
    path("Users/<str:uuid>", views.UsersView.as_view(http_method_names=ON_ONE), name="users"),
    path("ServiceProviderConfig", views.ServiceProviderConfigView.as_view(), name="service-provider-config"),
    path("ResourceTypes", views.ResourceTypesView.as_view(), name="resource-types"),
    path("ResourceTypes/<str:uuid>", views.ResourceTypesView.as_view(), name="resource-types"),
    path("Schemas", views.SchemasView.as_view(), name="schemas"),
    path("Schemas/<str:uuid>", views.SchemasView.as_view(), name="schemas"),
    *(
        path(name, SCIMView.as_view(implemented=False))
        for name in ("", "Me", "Bulk", ".search", "Groups", "Groups/<str:uuid>")
    ),
    path("<path:anything>", views.NotFoundView.as_view()),
]

for each in urlpatterns:
    each.callback = login_not_required(each.callback)  # clients show a token, with or without LoginRequiredMiddleware
