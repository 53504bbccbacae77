"""A project with tests of its own, which `manage.py test` runs."""

import os

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.pages.urls"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

USERS_INITIAL_STATE = "active"
if "ROWS_STAY" not in os.environ:
    AUDIT_RECORDS_DELETABLE = True
