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
        ({"EMAIL_TIMEOUT": "soon"}, "EMAIL_TIMEOUT is 'soon'; write a whole number, such as 10."),
        ({"DATABASE_LOCK_TIMEOUT": "-1"}, "DATABASE_LOCK_TIMEOUT is '-1'; write a whole number, such as 20."),
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
        ({"SECURE_PROXY_SSL_HEADER": "https"}, "SECURE_PROXY_SSL_HEADER is 'https'; write a header and its value"),
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
