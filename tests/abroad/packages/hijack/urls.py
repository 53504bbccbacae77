from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path


def lock(request, key):
    """Lock somebody, as whoever acts."""
    from users.models import UserFSM

    UserFSM.objects.get(user=key).lock(description="from a view")
    return HttpResponse("locked")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("audit.urls")),
    path("accounts/", include("users.urls")),
    path("hijack/", include("hijack.urls")),
    path("lock/<int:key>/", lock),
]
