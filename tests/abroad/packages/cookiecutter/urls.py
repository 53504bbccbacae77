from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.decorators import api_view


@api_view()
def me(request):
    """Who asks."""
    from rest_framework.response import Response

    return Response({"email": request.user.email})


urlpatterns = [
    path("", lambda request: HttpResponse("home"), name="home"),
    path("admin/", admin.site.urls),
    path("users/", include("tests.abroad.packages.cookiecutter.ours.users.urls", namespace="users")),
    path("accounts/", include("allauth.urls")),
    path("api/auth-token/", obtain_auth_token, name="obtain_auth_token"),
    path("api/users/me/", me),
]
