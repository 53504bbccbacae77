"""The servers of production, with the settings of production, as a proxy that ends TLS sees them."""

import os
import re
import subprocess
import sys

import httpx
import pytest
from django.contrib.auth.models import User

from audit.models import UserStateAudit
from tests.servers import web
from users.conf import conf

HOST = "accounts.example.com"
LOGIN = "/accounts/login/"
AS_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https"}

SERVERS = {
    "gunicorn": ["gunicorn", "--bind", "fd://{fd}", "--workers", "2", "project.wsgi"],
    "uvicorn": ["uvicorn", "--fd", "{fd}", "--no-proxy-headers", "project.asgi:application"],
}


@pytest.fixture(scope="session")
def production(tmp_path_factory):
    """The environment of production, with its static files collected."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "k" * 50,
        "ALLOWED_HOSTS": HOST,
        "SECURE_PROXY_SSL_HEADER": "HTTP_X_FORWARDED_PROTO,https",
        "STATIC_ROOT": str(tmp_path_factory.mktemp("static")),
    }
    collect = [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collect, env=environment, check=True)
    return environment


@pytest.fixture(params=SERVERS)
def server(request, production, database_url):
    """A client of a running server."""
    environment = production | {"DATABASE_URL": database_url}
    with (
        web.server(*SERVERS[request.param], environment=environment) as url,
        httpx.Client(base_url=url, timeout=120) as client,
    ):
        yield client


def test_a_server_serves_the_site_in_production(server):
    page = server.get(LOGIN, headers=AS_PROXY)

    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"]
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("csrftoken=")
    assert "Secure" in cookie


def test_a_server_serves_static_files_that_may_be_kept_for_ever(server):
    page = server.get("/admin/login/", headers=AS_PROXY)
    stylesheet = re.search(r'href="(/static/admin/css/base\.\w+\.css)"', page.text)

    assert stylesheet
    file = server.get(stylesheet[1], headers=AS_PROXY | {"Accept-Encoding": "gzip"})

    assert file.status_code == 200
    assert file.headers["Content-Type"].startswith("text/css")
    assert file.headers["Content-Encoding"] == "gzip"
    assert "immutable" in file.headers["Cache-Control"]


def test_a_server_sends_plain_http_to_https_and_refuses_other_names(server):
    plain = server.get(LOGIN, headers={"Host": HOST})
    foreign = server.get(LOGIN, headers=AS_PROXY | {"Host": "elsewhere.example.com"})

    assert plain.status_code == 301
    assert plain.headers["Location"] == f"https://{HOST}{LOGIN}"
    assert foreign.status_code == 400


@pytest.mark.parametrize("parameter", ["charset*=utf-8''%00", "charset*=nonsense''utf-8", "x*=%00'%00'"])
def test_a_server_refuses_a_content_type_that_nobody_can_read(server, parameter):
    headers = AS_PROXY | {"Content-Type": f"application/x-www-form-urlencoded; {parameter}"}

    # Since Django 6.1 such a parameter is passed over, and the form lacks its token.
    assert server.post(LOGIN, headers=headers, content=b"username=a").status_code in (400, 403)


def test_a_server_records_the_address_of_the_peer_whatever_a_header_claims(server):
    user = User.objects.create_user("alice", password="right")
    user.fsm.activate(by="system")
    token = server.get(LOGIN, headers=AS_PROXY).cookies["csrftoken"]
    headers = AS_PROXY | {
        "Cookie": f"csrftoken={token}",
        "Referer": f"https://{HOST}{LOGIN}",
        "X-Forwarded-For": "203.0.113.9",
    }

    for _ in range(conf.lockout_failure_limit):
        guess = {"username": "alice", "password": "wrong", "csrfmiddlewaretoken": token}
        assert server.post(LOGIN, headers=headers, data=guess).status_code == 200

    assert UserStateAudit.objects.get(user_id=user.pk, transition="lock").ip_address == "127.0.0.1"


def test_one_address_that_tries_many_names_has_to_wait_with_the_defaults_of_production(production, database_url):
    with (
        web.server(*SERVERS["gunicorn"], environment=production | {"DATABASE_URL": database_url}) as url,
        httpx.Client(base_url=url, timeout=120) as client,
    ):
        token = client.get(LOGIN, headers=AS_PROXY).cookies["csrftoken"]

        def guess(address, number):
            headers = AS_PROXY | {
                "Cookie": f"csrftoken={token}",
                "Referer": f"https://{HOST}{LOGIN}",
                "X-Forwarded-For": address,
            }
            form = {"username": f"name{number}", "password": "wrong", "csrfmiddlewaretoken": token}
            return client.post(LOGIN, headers=headers, data=form)

        answers = [guess("203.0.113.9", number) for number in range(50 + 3)]

        assert [answer.status_code for answer in answers] == [200] * 50 + [429] * 3
        assert "Too many failed logins" in answers[-1].text
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 900
        # Somebody else behind the same proxy.
        assert guess("203.0.113.10", 0).status_code == 200


def test_the_settings_of_production_pass_the_checks_of_a_deployment(production, database_url):
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "ERROR"]
    done = subprocess.run(
        command, env=production | {"DATABASE_URL": database_url}, check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
