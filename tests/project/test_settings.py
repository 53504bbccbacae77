import json
import os
import re
import subprocess
import sys

import pytest

from project.configuration import mailers

PRODUCTION = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "accounts.example.com"}

SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""

SHOW_JOURNAL = """
import django
django.setup()
from django.db import connection
print(connection.cursor().execute("PRAGMA journal_mode").fetchone()[0], connection.transaction_mode)
"""


def start(*names, code=SHOW, env_file=os.devnull, **environment):
    """Load the project's settings in a process of its own, where the environment is only what is given here."""
    return subprocess.run(
        [sys.executable, "-c", code, *names],
        env={"DJANGO_SETTINGS_MODULE": "project.settings", "ENV_FILE": env_file, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def read(*names, **environment):
    """Return these settings as that process sees them."""
    process = start(*names, **environment)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def test_without_a_secret_key_production_does_not_start():
    process = start("DEBUG", ALLOWED_HOSTS="accounts.example.com")

    assert process.returncode != 0
    assert "SECRET_KEY" in process.stderr.splitlines()[-1]


def test_without_a_secret_key_a_developer_gets_one_for_the_moment():
    first, second = (read("SECRET_KEY", DEBUG="on")["SECRET_KEY"] for _ in range(2))

    assert len(first) >= 50
    assert first != second


def test_the_key_for_the_moment_has_nothing_that_the_environment_would_read_as_a_reference():
    assert re.fullmatch(r"[\w-]+", read("SECRET_KEY", DEBUG="on")["SECRET_KEY"])


def test_debug_is_off_unless_asked_for():
    assert read("DEBUG", **PRODUCTION) == {"DEBUG": False}
    assert read("DEBUG", DEBUG="on") == {"DEBUG": True}


def test_production_serves_https_alone():
    switches = ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]

    assert all(read(*switches, **PRODUCTION).values())
    assert not any(read(*switches, **PRODUCTION, **dict.fromkeys(switches, "off")).values())


def test_the_environment_wins_over_the_file(tmp_path):
    file = tmp_path / "env"
    file.write_text("SECRET_KEY=from-the-file\n")

    assert read("SECRET_KEY", env_file=str(file)) == {"SECRET_KEY": "from-the-file"}
    assert read("SECRET_KEY", env_file=str(file), SECRET_KEY="given") == {"SECRET_KEY": "given"}


def test_without_a_url_the_database_is_sqlite_beside_manage_py():
    database = read("DATABASES", **PRODUCTION)["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"].endswith("/db.sqlite3")
    assert database["OPTIONS"]["timeout"] > 0


def test_an_sqlite_database_of_any_name_lets_readers_read_and_queues_its_writers(tmp_path):
    url = f"sqlite:///{tmp_path}/accounts.sqlite3?timeout=5"

    assert read("DATABASES", **PRODUCTION, DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"]["timeout"] == 5
    assert start(code=SHOW_JOURNAL, **PRODUCTION, DATABASE_URL=url).stdout.split() == ["wal", "IMMEDIATE"]


def test_postgresql_comes_by_url():
    url = "postgresql://accounts:pass@db.example.com:5433/accounts"

    database = read("DATABASES", **PRODUCTION, DATABASE_URL=url)["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["USER"]) == ("db.example.com", 5433, "accounts")


@pytest.mark.parametrize(("given", "threshold"), [({}, 5), ({"DATABASE_PREPARE": "off"}, None)])
def test_postgresql_keeps_the_plans_of_statements_unless_a_pooler_is_in_the_way(given, threshold):
    url = "postgresql://accounts:pass@db.example.com:5433/accounts"

    database = read("DATABASES", **PRODUCTION, DATABASE_URL=url, **given)["DATABASES"]["default"]

    assert database["OPTIONS"]["prepare_threshold"] == threshold


def test_nothing_waits_for_ever_for_postgresql_and_each_limit_has_a_variable():
    url = "postgresql://accounts:pass@one,two/accounts?target_session_attrs=read-write&connect_timeout=9"
    limits = {"DATABASE_LOCK_TIMEOUT": "7", "DATABASE_KEEPALIVES_IDLE": "8", "DATABASE_TCP_USER_TIMEOUT": "11"}

    by_default = read("DATABASES", "DATABASE_LOCK_TIMEOUT", **PRODUCTION, DATABASE_URL="postgresql://db/accounts")
    given = read("DATABASES", "DATABASE_LOCK_TIMEOUT", **PRODUCTION, DATABASE_URL=url, **limits)

    assert by_default["DATABASE_LOCK_TIMEOUT"] == 20
    assert by_default["DATABASES"]["default"]["OPTIONS"] == {
        "prepare_threshold": 5,
        "connect_timeout": 5,
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25000,
    }
    options = given["DATABASES"]["default"]["OPTIONS"]
    assert given["DATABASE_LOCK_TIMEOUT"] == 7
    assert (options["keepalives_idle"], options["tcp_user_timeout"]) == (8, 11000)
    assert (options["connect_timeout"], options["target_session_attrs"]) == (9, "read-write")


def test_a_replica_comes_by_url_and_is_read_by_nothing_that_decides():
    replica = "postgresql://accounts:pass@standby/accounts"

    without = read("DATABASES", "AUDIT_REPLICA", "DATABASE_ROUTERS", **PRODUCTION)
    given = read(
        "DATABASES",
        "AUDIT_REPLICA",
        "DATABASE_ROUTERS",
        **PRODUCTION,
        DATABASE_URL="postgresql://db/accounts",
        DATABASE_REPLICA_URL=replica,
    )

    assert (without["AUDIT_REPLICA"], [*without["DATABASES"]]) == (None, ["default"])
    assert (given["AUDIT_REPLICA"], given["DATABASES"]["replica"]["HOST"]) == ("replica", "standby")
    assert given["DATABASE_ROUTERS"][0] == "users.routers.StateOnPrimary"


def test_mail_goes_to_the_server_of_the_url():
    url = "smtp+tls://mailer:pass@mail.example.com:587"
    expected = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_PORT": 587,
        "EMAIL_USE_TLS": True,
        "EMAIL_HOST_USER": "mailer",
        "EMAIL_HOST_PASSWORD": "pass",
        "EMAIL_TIMEOUT": 10,
    }
    settings = mailers.settings_of(expected)

    assert read(*settings, **PRODUCTION, EMAIL_URL=url) == settings


@pytest.mark.parametrize(
    ("text", "value"),
    [(None, []), ("1", 1), ("10.0.0.0/8,192.0.2.7", ["10.0.0.0/8", "192.0.2.7"]), ("192.0.2.7", ["192.0.2.7"])],
)
def test_trusted_proxies_are_networks_or_a_number_and_nobody_by_default(text, value):
    environment = {} if text is None else {"USERS_TRUSTED_PROXIES": text}

    assert read("USERS_TRUSTED_PROXIES", **PRODUCTION, **environment) == {"USERS_TRUSTED_PROXIES": value}


def test_no_proxy_says_that_a_request_was_secure_unless_it_is_named():
    name = "SECURE_PROXY_SSL_HEADER"

    assert read(name, **PRODUCTION) == {name: None}
    given = read(name, **PRODUCTION, SECURE_PROXY_SSL_HEADER="HTTP_X_FORWARDED_PROTO,https")
    assert given == {name: ["HTTP_X_FORWARDED_PROTO", "https"]}


@pytest.mark.parametrize("text", ["HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PROTO,https,on"])
def test_the_header_of_the_proxy_has_a_name_and_a_value(text):
    process = start("DEBUG", **PRODUCTION, SECURE_PROXY_SSL_HEADER=text)

    assert process.returncode != 0
    assert "write a header and its value" in process.stderr.splitlines()[-1]
