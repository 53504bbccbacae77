"""All queries cached by django-cachalot, which looks at the SQL of others too."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.pages.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "cachalot"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
