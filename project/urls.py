from django.contrib import admin
from django.urls import include, path

from project.api import urlpatterns as api
from project.views import home

urlpatterns = [
    path("", home, name="home"),
    path("accounts/", include("audit.urls")),
    path("accounts/", include("users.urls")),
    path("admin/mailbox/", include("project.mailbox.pages")),  # on a developer's machine
    path("admin/", admin.site.urls),
    *api,
]

handler400 = "project.views.bad_request"
handler500 = "project.standby.server_error"
