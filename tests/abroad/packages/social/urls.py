from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", lambda request: HttpResponse(f"{request.user.get_username()} is here")),
    path("accounts/profile/", lambda request: HttpResponse("in")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
