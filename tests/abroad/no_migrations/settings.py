"""No migrations at all, as test suites set it to be fast: `MIGRATION_MODULES` says None for every app."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.pages.urls"


class NoMigrations(dict[str, None]):
    """Whatever app is asked for."""

    def __contains__(self, app: object) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


exec(block("Settings"))  # noqa: S102 - what the page tells people to write

MIGRATION_MODULES = NoMigrations()
