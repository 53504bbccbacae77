"""The system's browser, which tests and pictures of pages use."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")

# Quiet: nothing is fetched or sent but what a test asks for.
FLAGS = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


def find_chromium() -> str | None:
    """Where the system's browser is."""
    return next(filter(None, map(shutil.which, NAMES)), None)
