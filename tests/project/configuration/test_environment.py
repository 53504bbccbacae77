"""Wrong variables of the environment, as `manage.py` reports them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project.configuration.environment import Environment, WrongEnvironment

ROOT = Path(__file__).parents[3]
RIGHT = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "accounts.example.com", "ENV_FILE": os.devnull}


def manage(*words, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", ["check", "transition", "runserver"])
def test_manage_py_says_what_to_write_in_one_sentence(command):
    process = manage(command, **RIGHT, DATABASE_URL="foo")

    assert process.returncode == 1
    assert process.stdout == ""
    assert process.stderr == (
        "DATABASE_URL is not an address of a known kind; write postgres://name:password@host/database, "
        "or sqlite:////path/to/file.\n"
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set; write a long random text"),
        ({"DEBUG": "ture"}, "DEBUG is 'ture'; write on or off."),
        ({"SECURE_SSL_REDIRECT": "maybe"}, "SECURE_SSL_REDIRECT is 'maybe'; write on or off."),
        ({"EMAIL_TIMEOUT": "soon"}, "EMAIL_TIMEOUT is 'soon'; write a whole number from 1, such as 10."),
        (
            {"DATABASE_LOCK_TIMEOUT": "-1"},
            "DATABASE_LOCK_TIMEOUT is '-1'; write a whole number up to 2147483, such as 20.",
        ),
        ({"ALLOWED_HOSTS": "https://a.example.com"}, "ALLOWED_HOSTS is 'https://a.example.com'; write host names"),
        ({"ALLOWED_HOSTS": "a.example.com:8000"}, "ALLOWED_HOSTS is 'a.example.com:8000'; write host names"),
        ({"CSRF_TRUSTED_ORIGINS": "a.example.com"}, "CSRF_TRUSTED_ORIGINS is 'a.example.com'; write addresses"),
        ({"SITE_URL": "accounts.example.com"}, "SITE_URL is 'accounts.example.com'; write the address of the site"),
        ({"SITE_URL": "http://127.0.0.1:foo"}, "SITE_URL is 'http://127.0.0.1:foo'; write the address of the site"),
        ({"DATABASE_URL": "postgres://db:port/accounts"}, "DATABASE_URL cannot be read; write postgres://"),
        ({"DATABASE_URL": "postgres://db"}, "DATABASE_URL names no database; write postgres://"),
        ({"DATABASE_REPLICA_URL": "standby"}, "DATABASE_REPLICA_URL is not an address of a known kind; write"),
        ({"CACHE_URL": "memory"}, "CACHE_URL is not an address of a known kind; write the address of a cache"),
        ({"EMAIL_URL": "mail.example.com"}, "EMAIL_URL is not an address of a known kind; write the address"),
        ({"EMAIL_URL": "smtp://host:port"}, "EMAIL_URL cannot be read; write the address of a mail server"),
        ({"EMAIL_URL": "smtp://"}, "EMAIL_URL names no server; write the address of a mail server"),
        ({"ENV_FILE": "/nonexistent"}, "ENV_FILE is '/nonexistent', which is no file; write the path"),
        ({"ENV_FILE": "x" * 5000}, f"ENV_FILE is '{'x' * 5000}', which is no file; write the path"),
        ({"SECURE_PROXY_SSL_HEADER": "https"}, "SECURE_PROXY_SSL_HEADER is 'https'; write a header and its value"),
        ({"SECURE_PROXY_SSL_HEADER": "https,HTTP_X"}, "SECURE_PROXY_SSL_HEADER is 'https,HTTP_X'; write a header"),
        ({"DATABASE_URL": "$NOWHERE"}, "DATABASE_URL begins with $ and names a variable that is not set; write"),
        ({"SITE_URL": "$"}, "SITE_URL begins with $ and names a variable that is not set; write"),
        ({"ALLOWED_HOSTS": b"\x80"}, "ALLOWED_HOSTS is not UTF-8; write"),
        ({"DATABASE_URL": "mysql://db/accounts"}, "DATABASE_URL is not an address of a known kind; write postgres://"),
        (
            {"DATABASE_URL": "sqlite:////no/where.db"},
            "DATABASE_URL names a file in a folder that does not exist; write",
        ),
        ({"DATABASE_KEEPALIVES_COUNT": "500"}, "DATABASE_KEEPALIVES_COUNT is '500'; write a whole number up to 127"),
        ({"DATABASE_KEEPALIVES_IDLE": "99999"}, "DATABASE_KEEPALIVES_IDLE is '99999'; write a whole number up to"),
        ({"DATABASE_LOCK_TIMEOUT": "9999999"}, "DATABASE_LOCK_TIMEOUT is '9999999'; write a whole number up to"),
        ({"EMAIL_TIMEOUT": "0"}, "EMAIL_TIMEOUT is '0'; write a whole number from 1, such as 10."),
        ({"CACHE_URL": "redis://host:port/0"}, "CACHE_URL cannot be read; write the address of a cache"),
        ({"CACHE_URL": "redis://"}, "CACHE_URL names no server; write the address of a cache"),
        ({"CACHE_URL": "memcache://host"}, "CACHE_URL is not an address of a known kind; write the address of a cache"),
        (
            {"CACHE_URL": "pymemcache://host:1"},
            "CACHE_URL needs the package pymemcache, which is not installed; install",
        ),
        ({"SITE_URL": "https://*.example.com"}, "SITE_URL is 'https://*.example.com'; write the address of the site"),
        ({"USERS_TRUSTED_PROXIES": "proxy"}, "USERS_TRUSTED_PROXIES is 'proxy'; write the number of proxies in front"),
        ({"USERS_TRUSTED_PROXIES": "-1"}, "USERS_TRUSTED_PROXIES is '-1'; write the number of proxies in front"),
        ({"USERS_TRUSTED_PROXIES": "9" * 20}, f"USERS_TRUSTED_PROXIES is '{'9' * 20}'; write the number of proxies"),
        ({"DEFAULT_FROM_EMAIL": "accounts"}, "DEFAULT_FROM_EMAIL is 'accounts'; write an address, such as"),
        ({"SERVER_EMAIL": "a@b\nBcc: c@d"}, "SERVER_EMAIL is 'a@b\\nBcc: c@d'; write an address, such as"),
    ],
)
def test_each_wrong_variable_is_named(wrong, sentence):
    process = manage("check", **RIGHT | wrong)

    assert process.returncode == 1
    assert process.stderr.startswith(sentence)
    assert len(process.stderr.splitlines()) == 1


def test_a_password_is_not_repeated(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hunter2@db:port/accounts")

    with pytest.raises(WrongEnvironment) as wrong:
        Environment().database("DATABASE_URL", default="")

    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize("hosts", ["*", ".example.com", "[::1],127.0.0.1", "a.example.com, b.example.com"])
def test_host_names_of_every_kind_are_read(monkeypatch, hosts):
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)

    assert Environment().hosts("ALLOWED_HOSTS") == hosts.replace(" ", "").split(",")


@pytest.mark.parametrize("name", ["DEBUG", "SECURE_SSL_REDIRECT", "CSRF_COOKIE_SECURE"])
@pytest.mark.parametrize("default", [True, False])
def test_an_empty_variable_is_one_that_is_not_set(monkeypatch, name, default):
    monkeypatch.setenv(name, " ")
    monkeypatch.setenv("STATIC_ROOT", "")

    assert Environment().switch(name, default=default) is default
    assert Environment().text("STATIC_ROOT", default="/here") == "/here"


def test_the_text_of_another_variable_is_read(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "$HEROKU_URL")
    monkeypatch.setenv("HEROKU_URL", "sqlite://:memory:")

    assert Environment().database("DATABASE_URL", default="")["NAME"] == ":memory:"


@pytest.mark.parametrize("url", ["redis://a:1,b:2/0", "redis://:secret@[::1]:6379/0", "redis:///run/redis.sock"])
def test_caches_of_every_kind_are_read(monkeypatch, url):
    monkeypatch.setattr("project.configuration.environment.find_spec", lambda name: True)
    monkeypatch.setenv("CACHE_URL", url)

    assert Environment().cache("CACHE_URL", default="")["BACKEND"] == "django.core.cache.backends.redis.RedisCache"


@pytest.mark.parametrize("address", ["a@example.com", "Accounts <a@example.com>", "webmaster@localhost"])
def test_addresses_of_every_kind_are_read(monkeypatch, address):
    monkeypatch.setenv("SERVER_EMAIL", address)

    assert Environment().address("SERVER_EMAIL", default="") == address


def test_proxies_are_a_number_or_networks(monkeypatch):
    for text, value in (("", []), ("2", 2), ("10.0.0.0/8, 192.0.2.7", ["10.0.0.0/8", "192.0.2.7"])):
        monkeypatch.setenv("USERS_TRUSTED_PROXIES", text)

        assert Environment().proxies("USERS_TRUSTED_PROXIES") == value
