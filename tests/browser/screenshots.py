"""
Pictures of every page, to be looked at: in each language, on a phone and on a desk, light and dark.

`make screenshots` calls it. It makes a database with the demonstration in a folder of its own, serves it, and walks
through the pages as a stranger, a person and an administrator. `--pictures` makes those of the documentation anew.
"""

import json
import os
import re
import secrets
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import pages, steps
from tests.browser.chromium import FLAGS, find_chromium
from tests.servers.web import server

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ("en", "zh-hans")
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")

PICTURES = {"admin-users": ("people", 900), "admin-person": ("person", 900), "dashboard": ("dashboard", 1320)}
"""The pictures of the documentation: their pages, and how much of each is shown, in pixels."""


SERVER = ("gunicorn", "project.wsgi", "--bind", "fd://{fd}", "--threads", "4", "--log-level", "error")
UNSERVED = "from pathlib import Path; from tests.browser import unserved; unserved.write(Path({!r}))"


class Look(NamedTuple):
    """How a page is looked at."""

    language: str
    width: int
    scheme: str

    @property
    def folder(self) -> str:
        return f"{self.language}-{self.width}-{self.scheme}"


class Site(NamedTuple):
    """The demonstration, served."""

    url: str
    passwords: Mapping[str, str]
    keys: Mapping[str, Any]
    folder: Path
    """Where the HTML is that no address shows, in a folder for each language."""


def main() -> None:
    """Make the pictures."""
    options = ArgumentParser(description="Pictures of every page")
    options.add_argument("--into", type=Path, default=ROOT / "screenshots", help="the folder")
    options.add_argument("--only", default="", help="looks whose folder contains this, such as en-390")
    options.add_argument("--pictures", action="store_true", help="also make the pictures of the documentation anew")
    chosen = options.parse_args()
    looks = [look for each in product(LANGUAGES, WIDTHS, SCHEMES) if chosen.only in (look := Look(*each)).folder]
    with TemporaryDirectory() as folder, demonstration(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        for look in looks:
            # Anew for each: the forms that are sent with wrong passwords count, and a login ends the count.
            states = {name: log_in(browser, site, name) for name in ("admin", "alice")}
            walk(browser, site, states, look, chosen.into / look.folder)
        if chosen.pictures:
            take_pictures(browser, site, log_in(browser, site, "admin"))
        browser.close()


@contextmanager
def demonstration(folder: Path) -> Iterator[Site]:
    """Serve the demonstration inside the `with` block."""
    database = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "SECRET_KEY": secrets.token_urlsafe(50)}
    environment = os.environ | database | {"DEBUG": "on", "ENV_FILE": os.devnull}

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    manage("migrate", "--verbosity", "0")
    passwords = dict(re.findall(r"^(\w+) +(\S{12}) ", manage("demo"), flags=re.MULTILINE))
    manage("shell", "--verbosity", "0", "--command", UNSERVED.format(str(folder)))
    with server(*SERVER, environment=environment) as url:
        yield Site(url, passwords, json.loads((folder / "keys.json").read_text()), folder)


def log_in(browser: Browser, site: Site, username: str) -> Any:
    """Log in on the login page; return the cookies."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", site.passwords[username])
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile("/(admin|accounts)/$"))
    state = context.storage_state()
    context.close()
    return state


def walk(browser: Browser, site: Site, states: Mapping[str, Any], look: Look, folder: Path) -> None:
    """Take a picture of every page."""
    folder.mkdir(parents=True, exist_ok=True)
    walks: Any = (
        (None, pages.STRANGER, steps.STRANGER),
        (states["alice"], pages.PERSON, steps.PERSONS),
        (states["admin"], pages.ADMIN, steps.ADMINS),
    )
    for state, addresses, made in walks:
        for page in opened(browser, site, state, look):
            for name, address in addresses.items():
                page.goto(address.format(**site.keys))
                take(page, look, folder / f"{name}.png")
            for name, step in made.items():
                step(page, site.keys)
                take(page, look, folder / f"{name}.png")
    for page in opened(browser, site, None, look):
        for path in sorted((site.folder / look.language).glob("*.html")):
            pages.serve(page, path.read_text())
            take(page, look, folder / f"{path.stem}.png")


def opened(browser: Browser, site: Site, state: Any, look: Look) -> Iterator[Page]:
    """A tab of a browser with these cookies, size, colours and language."""
    context = browser.new_context(
        base_url=site.url,
        storage_state=state,
        viewport={"width": look.width, "height": 844},
        color_scheme="dark" if look.scheme == "dark" else "light",
    )
    context.add_cookies([{"name": "django_language", "value": look.language, "url": site.url}])
    yield context.new_page()
    context.close()


def take(page: Page, look: Look, path: Path) -> None:
    """Take a picture, and say if the page can be scrolled sideways."""
    page.wait_for_function(pages.DRAWN)
    page.screenshot(path=path, full_page=True)
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if beyond > 0:
        print(f"{look.folder} {path.stem}: {beyond} px wider than the window")  # noqa: T201 - a report on a terminal


def take_pictures(browser: Browser, site: Site, state: Any) -> None:
    """Make the pictures of the documentation anew."""
    for page in opened(browser, site, state, Look("en", 1280, "light")):
        page.add_init_script("localStorage.setItem('django.admin.navSidebarIsOpen', 'false')")
        for picture, (name, height) in PICTURES.items():
            page.set_viewport_size({"width": 1280, "height": height})
            page.goto(pages.ADMIN[name].format(**site.keys))
            page.screenshot(path=ROOT / "docs" / "images" / f"{picture}.png")


if __name__ == "__main__":
    main()
