from django.contrib import admin
from django.urls import include, path

from tests.abroad.packages.scene import lock

urlpatterns = [
    path("admin/", include("loginas.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("audit.urls")),
    path("accounts/", include("users.urls")),
    path("impersonate/", include("impersonate.urls")),
    path("su/", include("django_su.urls")),
    path("lock/<int:key>/", lock),
]
