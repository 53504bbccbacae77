from django.contrib.admin import AdminSite
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.urls import path

from audit.admin import RecordedUserAdmin, register


class OurUserAdmin(RecordedUserAdmin, UserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """As docs/adding.md says."""


site = AdminSite(name="backoffice")
site.register(User, OurUserAdmin)
register(site)

urlpatterns = [path("office/", site.urls)]
