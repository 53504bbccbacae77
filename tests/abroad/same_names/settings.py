"""Pages of its own with the names that ours have, and ours beside them."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.same_names.urls"
LOGIN_URL = "login"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

USERS_LOGIN_URLS = ["user_lifecycle:login", "admin:login", "login"]
