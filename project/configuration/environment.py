"""
The environment, read so that a wrong value says what to write instead.

Values of URLs and keys are not repeated in messages, because they hold passwords.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = ("1", "on", "ok", "t", "true", "y", "yes"), ("", "0", "f", "false", "n", "no", "off")
DATABASE = "write postgres://name:password@host/database, or sqlite:////path/to/file"
CACHE = "write the address of a cache, such as redis://host:6379/0 or locmemcache://"
EMAIL = "write the address of a mail server, such as smtp+tls://name:password@host:587"
SITE = "write the address of the site without a path, such as https://accounts.example.com"
HOSTS = "write host names separated by commas, without https:// and port, such as accounts.example.com"
ORIGINS = "write addresses separated by commas, each with https://, such as https://accounts.example.com"
KEY = (
    "write a long random text, such as the output of: "
    """python -c "import secrets; print(secrets.token_urlsafe(50))" (not needed with DEBUG=on)"""
)


class WrongEnvironment(ImproperlyConfigured):
    """A variable of the environment is missing or wrong. The message is one sentence that says what to write."""


class Environment:
    """Reads variables of the environment; each method raises `WrongEnvironment`."""

    def __init__(self) -> None:
        self._env = environ.Env()

    def read_file(self, default: Path) -> None:
        """Read the file that `ENV_FILE` names, or the default if there is one."""
        path = self.text("ENV_FILE", default="")
        if path and (not Path(path).exists() or Path(path).is_dir()):
            raise WrongEnvironment(f"ENV_FILE is {path!r}, which is no file; write the path of an existing one.")
        self._env.read_env(path or str(default))

    def text(self, name: str, default: str) -> str:
        """Return the text of this variable."""
        try:
            return str(self._env.str(name, default=default))
        except ImproperlyConfigured as error:  # "$OTHER" stands for another variable
            raise WrongEnvironment(f"{name} begins with $ and names a variable that is not set.") from error

    def secret(self, name: str, default: str | None) -> str:
        """Return a key, which must not be empty."""
        value = self.text(name, default=default or "")
        if not value.strip():
            raise WrongEnvironment(f"{name} is not set; {KEY}.")
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        """Return whether this variable is on."""
        value = self.text(name, default="on" if default else "off").strip().lower()
        if value not in TRUE + FALSE:
            raise WrongEnvironment(f"{name} is {value!r}; write on or off.")
        return value in TRUE

    def number(self, name: str, default: int) -> int:
        """Return a whole number from 0."""
        value = self.text(name, default=str(default)).strip()
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise WrongEnvironment(f"{name} is {value!r}; write a whole number, such as {default}.")
        return int(value)

    def texts(self, name: str) -> list[str]:
        """Return texts that are separated by commas."""
        return [each.strip() for each in self.text(name, default="").split(",") if each.strip()]

    def hosts(self, name: str) -> list[str]:
        """Return host names."""
        found = self.texts(name)
        if not all(re.fullmatch(r"\*|\[[0-9A-Fa-f:.]+\]|\.?[\w-]+(\.[\w-]+)*\.?", host) for host in found):
            raise WrongEnvironment(f"{name} is {','.join(found)!r}; {HOSTS}.")
        return found

    def origins(self, name: str) -> list[str]:
        """Return addresses of sites, in which a host may begin with `*`."""
        found = self.texts(name)
        if not all(_is_site(origin) for origin in found):
            raise WrongEnvironment(f"{name} is {','.join(found)!r}; {ORIGINS}.")
        return found

    def site(self, name: str, default: str) -> str:
        """Return the address of a site."""
        value = self.text(name, default="")
        if value and not _is_site(value.rstrip("/")):
            raise WrongEnvironment(f"{name} is {value!r}; {SITE}.")
        return value or default

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return the settings of a database."""
        config = self._parsed(name, default, "db_url_config", environ.Env.DB_SCHEMES, DATABASE)
        if not (config["NAME"] or "service" in config.get("OPTIONS", {})):
            raise WrongEnvironment(f"{name} names no database; {DATABASE}.")
        return config

    def cache(self, name: str, default: str) -> dict[str, Any]:
        """Return the settings of a cache."""
        return self._parsed(name, default, "cache_url_config", environ.Env.CACHE_SCHEMES, CACHE)

    def email(self, name: str, default: str) -> dict[str, Any]:
        """Return the settings of a mail server."""
        config = self._parsed(name, default, "email_url_config", environ.Env.EMAIL_SCHEMES, EMAIL)
        if "smtp" in config["EMAIL_BACKEND"] and not config["EMAIL_HOST"]:
            raise WrongEnvironment(f"{name} names no server; {EMAIL}.")
        return config

    def _parsed(self, name: str, default: str, method: str, schemes: Any, write: str) -> dict[str, Any]:
        url = self.text(name, default=default)
        scheme, separator, _ = url.partition("://")
        if not separator or scheme not in schemes:
            raise WrongEnvironment(f"{name} is not an address of a known kind; {write}.")
        try:
            return dict(getattr(environ.Env, method)(url))
        except (ValueError, ImproperlyConfigured) as error:
            raise WrongEnvironment(f"{name} cannot be read; {write}.") from error


def _is_site(text: str) -> bool:
    try:
        url = urlsplit(text)
        parts = (url.scheme in ("http", "https"), url.hostname, url.port != 0)
    except ValueError:  # a port that is no number, brackets without an address
        return False
    return all(parts) and not (url.path or url.query or url.fragment or url.username) and not re.search(r"\s", text)
