"""
The environment, read so that a wrong value says what to write instead.

Values of URLs and keys are not repeated in messages, because they hold passwords.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from email.utils import parseaddr
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = ("1", "on", "ok", "t", "true", "y", "yes"), ("0", "f", "false", "n", "no", "off")
DATABASES = {
    scheme: engine
    for scheme, engine in environ.Env.DB_SCHEMES.items()
    if engine.endswith(("postgresql", "postgis", "sqlite3", "spatialite"))
}
"""The kinds of databases that have the rules which protect the record."""
CACHES = {
    scheme: backend
    for scheme, backend in environ.Env.CACHE_SCHEMES.items()
    if not backend.endswith(".MemcachedCache")  # which Django has no more
}
CLIENTS = {"pylibmc": "pylibmc", "pymemcache": "pymemcache"} | dict.fromkeys(
    ("redis", "rediss", "rediscache", "valkey", "valkeys"), "redis"
)
"""The packages with which caches on servers are reached, by the scheme of the address."""
MOST = 999_999_999
DATABASE = "write postgres://name:password@host/database, or sqlite:////path/to/file"
CACHE = "write the address of a cache, such as redis://host:6379/0 or locmemcache://"
EMAIL = "write the address of a mail server, such as smtp+tls://name:password@host:587"
SITE = "write the address of the site without a path, such as https://accounts.example.com"
HOSTS = "write host names separated by commas, without https:// and port, such as accounts.example.com"
ADDRESS = "write an address, such as accounts@example.com or Accounts <accounts@example.com>"
HEADER = "write a header and its value, such as HTTP_X_FORWARDED_PROTO,https"
PROXIES = "write the number of proxies in front of the site, such as 1, or their networks, such as 10.0.0.0/8,192.0.2.7"
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
        if path and (not os.path.exists(path) or os.path.isdir(path)):  # noqa: PTH110, PTH112 - of any length
            raise WrongEnvironment(f"ENV_FILE is {path!r}, which is no file; write the path of an existing one.")
        try:
            self._env.read_env(path or str(default))
        except (OSError, UnicodeDecodeError) as error:
            raise WrongEnvironment(f"{path or default} cannot be read as a file of settings; {error}.") from error

    def text(self, name: str, default: str) -> str:
        """Return the text of this variable. An empty one is not set."""
        return self._value(name, default) or default

    def secret(self, name: str, default: str | None) -> str:
        """Return a key, which must not be empty."""
        value = self.text(name, default=default or "")
        if not value.strip():
            raise WrongEnvironment(f"{name} is not set; {KEY}.")
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        """Return whether this variable is on."""
        value = self.text(name, default="").strip().lower() or ("on" if default else "off")
        if value not in TRUE + FALSE:
            raise WrongEnvironment(f"{name} is {value!r}; write on or off.")
        return value in TRUE

    def number(self, name: str, default: int, *, least: int = 0, most: int = MOST) -> int:
        """Return a whole number between these two, by default with up to nine digits."""
        value = self._value(name, str(default)).strip()
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            limits = (f" from {least}" if least else "") + (f" up to {most}" if most < MOST else "")
            raise WrongEnvironment(f"{name} is {value!r}; write a whole number{limits}, such as {default}.")
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
        if value and ("*" in value or not _is_site(value.rstrip("/"))):
            raise WrongEnvironment(f"{name} is {value!r}; {SITE}.")
        return value or default

    def address(self, name: str, default: str) -> str:
        """Return an email address, with or without a name."""
        value = self.text(name, default=default)
        if not value.isprintable() or not re.fullmatch(r'[^\s@,;"]+@[^\s@,;"]+', parseaddr(value)[1]):
            raise WrongEnvironment(f"{name} is {value!r}; {ADDRESS}.")
        return value

    def header(self, name: str) -> tuple[str, str] | None:
        """Return a header, as `request.META` names it, and its value."""
        found = self.texts(name)
        if found and not (len(found) == 2 and re.fullmatch(r"HTTP_[A-Z0-9_]+", found[0])):  # noqa: PLR2004
            raise WrongEnvironment(f"{name} is {','.join(found)!r}; {HEADER}.")
        return (found[0], found[1]) if found else None

    def proxies(self, name: str) -> int | list[str]:
        """Return a number of proxies, or their networks."""
        found = self.texts(name)
        if len(found) == 1 and re.fullmatch(r"[0-9]{1,2}", found[0]):
            return int(found[0])
        try:
            for each in found:
                ip_network(each)
        except ValueError as error:
            raise WrongEnvironment(f"{name} is {','.join(found)!r}; {PROXIES}.") from error
        return found

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return the settings of a database."""
        config = self._parsed(name, default, "db_url_config", DATABASES, DATABASE)
        if not (config["NAME"] or "service" in config.get("OPTIONS", {})):
            raise WrongEnvironment(f"{name} names no database; {DATABASE}.")
        if "sqlite" in config["ENGINE"] and not Path(config["NAME"]).absolute().parent.is_dir():
            raise WrongEnvironment(f"{name} names a file in a folder that does not exist; {DATABASE}.")
        return config

    def cache(self, name: str, default: str) -> dict[str, Any]:
        """Return the settings of a cache."""
        config = self._parsed(name, default, "cache_url_config", CACHES, CACHE)
        scheme, _, server = self._value(name, default).partition("://")
        if (client := CLIENTS.get(scheme)) and not server.strip("/"):
            raise WrongEnvironment(f"{name} names no server; {CACHE}.")
        if client and not find_spec(client):
            raise WrongEnvironment(
                f"{name} needs the package {client}, which is not installed; install it, or {CACHE}."
            )
        return config

    def email(self, name: str, default: str) -> dict[str, Any]:
        """Return the settings of a mail server."""
        config = self._parsed(name, default, "email_url_config", environ.Env.EMAIL_SCHEMES, EMAIL)
        if "smtp" in config["EMAIL_BACKEND"] and not config["EMAIL_HOST"]:
            raise WrongEnvironment(f"{name} names no server; {EMAIL}.")
        return config

    def _value(self, name: str, default: str) -> str:
        if name not in self._env.ENVIRON:
            return default
        try:
            value = str(self._env.str(name))
        except (ImproperlyConfigured, RecursionError) as error:  # "$OTHER" stands for another variable
            text = f"{name} begins with $ and names a variable that is not set; write its value, or set that variable."
            raise WrongEnvironment(text) from error
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise WrongEnvironment(f"{name} is not UTF-8; write it in UTF-8.") from error
        return value

    def _parsed(self, name: str, default: str, method: str, schemes: Mapping[str, Any], write: str) -> dict[str, Any]:
        url = self._value(name, default)
        scheme, separator, _ = url.partition("://")
        if not separator or scheme not in schemes:
            raise WrongEnvironment(f"{name} is not an address of a known kind; {write}.")
        try:
            if scheme in CLIENTS:
                _read_ports(url)
            return dict(getattr(environ.Env, method)(url))
        except (ValueError, ImproperlyConfigured) as error:
            raise WrongEnvironment(f"{name} cannot be read; {write}.") from error


def _read_ports(url: str) -> None:
    """Raise `ValueError` if a port is no number. An address may name several servers."""
    for server in urlsplit(url).netloc.rpartition("@")[2].split(","):
        urlsplit(f"//{server}").port  # noqa: B018 - reading it raises


def _is_site(text: str) -> bool:
    try:
        url = urlsplit(text)
        parts = (url.scheme in ("http", "https"), url.hostname, url.port != 0)
    except ValueError:  # a port that is no number, brackets without an address
        return False
    return all(parts) and not (url.path or url.query or url.fragment or url.username) and not re.search(r"\s", text)
