from django.contrib import admin
from django.urls import include, path
from wagtail import urls
from wagtail.admin import urls as wagtailadmin
from wagtail.documents import urls as documents

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("audit.urls")),
    path("accounts/", include("users.urls")),
    path("cms/", include(wagtailadmin)),
    path("documents/", include(documents)),
    path("pages/", include(urls)),
]
