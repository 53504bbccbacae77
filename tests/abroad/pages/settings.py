"""All of our pages under an address of its own, and no `home`."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.pages.urls"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
