"""People in a database of their own: a router sends there what docs/adding.md says, and the rest to the default one."""

import os

import environ

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.pages.urls"
DATABASES = {
    "default": environ.Env.db_url_config(os.environ["OTHER_DATABASE_URL"])
    | {"OPTIONS": {"transaction_mode": "IMMEDIATE"}},
    "people": DATABASES["default"],
}
DATABASE_ROUTERS = ["tests.abroad.two_databases.router.PeopleRouter"]

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
