"""The site on two servers, and people in front of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx

from tests.servers import web

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "DJANGO_SETTINGS_MODULE": "tests.topology.settings",
    "ENV_FILE": os.devnull,
}
GUNICORN = (
    "gunicorn",
    "--bind",
    "fd://{fd}",
    "--workers",
    "1",
    "--threads",
    "8",
    "--graceful-timeout",
    "1",
    "project.wsgi",
)
PASSWORD = "correct horse battery staple"


def environment(url: str, **more: str) -> dict[str, str]:
    """Return the environment of a process of the project on this database."""
    return ENVIRONMENT | {"DATABASE_URL": url} | more


def manage(url: str, *arguments: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project."""
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.run(command, env=environment(url, **more), check=check, capture_output=True, text=True)


def python(url: str, code: str, **more: str) -> str:
    """Run code in the project and return what it printed."""
    program = f"import django; django.setup()\n{code}"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment(url, **more), check=True, capture_output=True, text=True).stdout


@contextmanager
def two_servers(url: str, **more: str) -> Iterator[list[str]]:
    """Run the site twice, as behind a load balancer, and give both addresses."""
    with ExitStack() as running:
        yield [running.enter_context(web.server(*GUNICORN, environment=environment(url, **more))) for _ in range(2)]


def log_in(client: httpx.Client, server: str, username: str, password: str = PASSWORD) -> httpx.Response:
    """Send the login form of this server."""
    page = client.get(f"{server}/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    form: dict[str, Any] = {"username": username, "password": password, "csrfmiddlewaretoken": token and token[1]}
    return client.post(f"{server}/accounts/login/", data=form, headers={"Referer": server})


def is_logged_in(client: httpx.Client, server: str) -> bool:
    """Whether the next page at this server knows the person. The home page sends strangers to the login."""
    return "login" not in client.get(f"{server}/").headers.get("Location", "login")
