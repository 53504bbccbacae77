from django.contrib import admin
from django.urls import include, path  # noqa: F401 - for the block

from tests.abroad.adding import block

urlpatterns = [path("admin/", admin.site.urls)]

exec(block("Pages"))  # noqa: S102 - what the page tells people to write
