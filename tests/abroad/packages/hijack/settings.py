"""django-hijack: an administrator acts in the name of somebody else."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.packages.hijack.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "hijack", "hijack.contrib.admin"]
MIDDLEWARE = [*MIDDLEWARE, "hijack.middleware.HijackUserMiddleware"]

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

LOGIN_URL = "user_lifecycle:login"
