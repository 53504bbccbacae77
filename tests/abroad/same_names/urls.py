from django.contrib import admin
from django.contrib.auth import views as auth
from django.http import HttpResponse
from django.urls import include, path

from tests.abroad.adding import block

NAMES = ("home", "account", "own_history", "leave", "logout", "password_reset", "set_language", "api_schema")


def page(request, **kwargs):
    return HttpResponse("theirs")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("mine/login/", auth.LoginView.as_view(template_name="admin/login.html"), name="login"),
    *(path(f"mine/{name}/", page, name=name) for name in NAMES),
    path("mine/unlock/<token>/", page, name="unlock"),
    path("mine/invitation/<token>/", page, name="accept_invitation"),
    path("mine/password/<uidb64>/<token>/", page, name="password_reset_confirm"),
]

exec(block("Pages"), {"urlpatterns": urlpatterns, "path": path, "include": include})  # noqa: S102 - as for settings
