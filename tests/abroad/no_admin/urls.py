from django.urls import include, path  # noqa: F401 - for the block

from tests.abroad.adding import block

urlpatterns: list[object] = []

exec(block("Pages"))  # noqa: S102 - what the page tells people to write
