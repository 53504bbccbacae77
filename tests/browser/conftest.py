"""
A real browser, headless, against the project on a live server.

Chromium of the system is driven by Playwright for Python, which is told where it is and downloads nothing. Where there
is none, the tests are skipped and say so; `make test-browser` installs it.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, find_chromium

TIMEOUT = 30_000  # milliseconds until a page that does not come fails its test

WIDE = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium():
        return
    skip = pytest.mark.skip(reason="no chromium in PATH; `make test-browser` installs it")
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):  # noqa: PTH120
            item.add_marker(skip)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one file of tests, not for longer: Playwright keeps an event loop running in this thread."""
    executable = find_chromium()
    assert executable
    with pytest.MonkeyPatch.context() as patch:
        # Django sees that loop and takes this thread for a coroutine.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            sandbox = os.geteuid() != 0  # which Chromium's needs
            browser = playwright.chromium.launch(executable_path=executable, args=FLAGS, chromium_sandbox=sandbox)
            yield browser
            browser.close()


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A browser that has been nowhere yet. A page's error in JavaScript fails the test."""
    expect.set_options(timeout=TIMEOUT)
    context = browser.new_context(base_url=live_server.url, viewport=WIDE)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert not errors


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.fixture
def log_in(context: BrowserContext, live_server: Any) -> Any:
    """Logs a user in without the login page: `log_in(user)`."""

    def enter(user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return enter
