"""The settings of the tests, with the views of `tests.site`."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.site.urls"
