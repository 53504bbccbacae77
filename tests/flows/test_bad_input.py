"""Whatever is typed or sent to a page that everybody can reach is answered, and never by a server error."""

from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client

from tests.factories import make_user
from users.models import UserFSM

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"

NONSENSE = (
    b"",
    b"a\x00b",
    b"x" * 10_000,
    b"\xff\xfe\xe9",  # not UTF-8
    b"\xed\xa0\x80",  # a lone surrogate
    b"\x01\x1b[31m\r\n",
    b"%s{0}{{ x }}%(x)d",
    "😀\u202e\uffff".encode(),
    b"a\x00b@example.com",
    b"a@\xed\xa0\x80.example.com",
)

FORMS = {
    "/accounts/login/": ["username", "password"],
    "/accounts/password/reset/": ["email"],
    "/accounts/invitation/": ["email"],
    "/accounts/language/": ["language", "next"],
    "LINK": ["new_password1", "new_password2"],
    "/accounts/leave/": ["password"],
    "/accounts/password/change/": ["old_password", "new_password1", "new_password2"],
    "/accounts/logout/": ["next"],
}


@pytest.fixture
def client():
    """A person who is logged in, whose browser shows server errors and does not raise them."""
    make_user("alice", email="alice@example.com", password=PASSWORD)
    browser = Client(raise_request_exception=False)
    browser.login(username="alice", password=PASSWORD)
    return browser


@pytest.fixture
def invitation(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        UserFSM.objects.invite(email="iris@example.com", username="iris", by="system")
    return "/accounts/invitation/" + str(mail.outbox[0].body).split("/accounts/invitation/")[1].split()[0]


def urlencoded(fields, value):
    return "&".join(f"{name}={quote(value)}" for name in fields).encode()


def multipart(fields, value):
    parts = (
        b'--edge\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
        for name in fields
    )
    return b"".join([*parts, b"--edge--\r\n"])


@pytest.fixture
def browsers(client):
    """Who is logged in, and who is not."""
    return client, Client(raise_request_exception=False)


@pytest.mark.parametrize("page", FORMS)
def test_nonsense_in_a_form(browsers, invitation, page):
    path, fields = page.replace("LINK", invitation), FORMS[page]

    for value in NONSENSE:
        for body, content_type in (
            (urlencoded(fields, value), "application/x-www-form-urlencoded"),
            (multipart(fields, value), "multipart/form-data; boundary=edge"),
        ):
            for browser in browsers:
                assert browser.generic("POST", path, body, content_type=content_type).status_code < 500, value


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16", "idna", "hex", "punycode", "nonsense"])
def test_a_form_in_another_encoding(browsers, invitation, charset):
    for page, fields in FORMS.items():
        path = page.replace("LINK", invitation)
        for value in (rb"a\ud800@example.com", b"a+2AA-@example.com", b"\x00\xd8"):
            for body, kind in (
                (urlencoded(fields, value), "application/x-www-form-urlencoded"),
                (multipart(fields, value), "multipart/form-data; boundary=edge"),
            ):
                for browser in browsers:
                    answer = browser.generic("POST", path, body, content_type=f"{kind}; charset={charset}")
                    assert answer.status_code < 500, (page, kind, value)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/invitation/{}/",
        "/accounts/unlock/{}/",
        "/accounts/password/reset/{}/x/",
        "/accounts/password/reset/MQ/{}/",
        "/accounts/history/?page={}",
        "/accounts/login/?next={}",
        "/accounts/{}",
        "/?{}",
    ],
)
def test_nonsense_in_an_address(browsers, path):
    for value in NONSENSE:
        for browser in browsers:
            address = path.format(quote(value, safe=""))
            assert browser.get(address).status_code < 500, value
            assert browser.post(address).status_code < 500, value


@pytest.mark.parametrize("header", ["HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR"])
@pytest.mark.parametrize("prefix", ["", "sessionid=", "csrftoken=", "django_language=", "messages="])
def test_nonsense_in_a_header(header, prefix):
    for value in (*NONSENSE, rb'"a\000b"'):
        sent = {header: prefix + value.decode("latin-1")}
        browser = Client(raise_request_exception=False)
        assert browser.get("/accounts/login/", **sent).status_code < 500, value
        assert browser.post("/accounts/login/", {"username": "alice", "password": "x"}, **sent).status_code < 500, value
