"""Naive times, in a zone that is not UTC."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.naive.urls"
USE_TZ = False
TIME_ZONE = "Europe/Berlin"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
