from debug_toolbar.toolbar import debug_toolbar_urls
from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path


def lock(request):
    """Lock everybody but the superuser."""
    from users.models import UserFSM

    found = UserFSM.objects.filter(user__is_superuser=False)
    found.get(user__username="ada").lock(description="shown in the toolbar")
    found.bulk_transition("lock", description="shown in the toolbar")
    return HttpResponse("<html><body>locked</body></html>")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("audit.urls")),
    path("accounts/", include("users.urls")),
    path("lock/", lock),
    *debug_toolbar_urls(),
]
