"""People who log in with their email address."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.email_login.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "tests.abroad.email_login"]
AUTH_USER_MODEL = "email_login.Person"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
