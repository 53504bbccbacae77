"""People without email addresses."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.no_email.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "tests.abroad.no_email"]
AUTH_USER_MODEL = "no_email.Player"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
