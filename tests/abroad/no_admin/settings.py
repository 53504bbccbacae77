"""Django's admin is not installed: the pages for people, and the API of the code, are all there is."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.no_admin.urls"
INSTALLED_APPS.remove("django.contrib.admin")

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
