"""A user model unlike Django's in all that it may be; see its module."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.odd_people.urls"
AUTH_USER_MODEL = "odd_people.Worker"
INSTALLED_APPS = [*INSTALLED_APPS, "tests.abroad.odd_people"]
LANGUAGES = [("en", "English"), ("tlh", "Klingon")]  # Django knows no such language

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
