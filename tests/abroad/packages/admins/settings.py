"""An admin with Jazzmin's theme and django-import-export, and guardian's permissions of single objects."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.pages.urls"
INSTALLED_APPS = ["jazzmin", *INSTALLED_APPS, "import_export", "guardian", "tests.abroad.packages.admins"]

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, "guardian.backends.ObjectPermissionBackend"]
