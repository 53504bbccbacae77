from importlib.util import find_spec

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from project.views import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("accounts/", include("audit.urls")),
    path("accounts/", include("users.urls")),
    path("admin/mailbox/", include("project.mailbox.pages")),  # on a developer's machine
    path("admin/", admin.site.urls),
]

# With the packages of requirements-api.txt.
if apps.is_installed("users.api"):
    urlpatterns.append(path("api/", include("audit.api.urls")))
    if find_spec("django_scim"):
        urlpatterns.append(path("scim/v2/", include("users.api.scim.urls")))

handler400 = "project.views.bad_request"
handler500 = "project.standby.server_error"
