"""An AdminSite of its own in the place of Django's."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.own_site.urls"
INSTALLED_APPS = ["django.contrib.admin.apps.SimpleAdminConfig", *INSTALLED_APPS[1:]]

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
