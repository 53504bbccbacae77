"""None of our pages, no `home`, nothing named `login`."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.bare.urls"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write
