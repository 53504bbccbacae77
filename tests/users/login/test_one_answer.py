"""What a stranger learns of an account from a login: nothing."""

import re

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.models import User
from django.core import mail as outbox

from tests.factories import make_superuser, make_user
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"
HASHERS = ("PBKDF2", "PBKDF2SHA1", "MD5")
LOGINS = ["/accounts/login/", "/admin/login/?next=/admin/"]


@pytest.fixture(autouse=True)
def everybody():
    for state in State:
        make_user(state.value, state=state, password=PASSWORD, email=f"{state.value}@example.com", is_staff=True)


def without_token(page):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.text)


def answer(client, path, username, password):
    """Status, headers and page, without what is of this request alone."""
    page = client.post(path, {"username": username, "password": password})
    # What was typed stands in the form again.
    text = re.sub(r'(name="username")[^>]*', r"\1", without_token(page))
    return page.status_code, dict(page.headers) | {"Content-Length": "", "Expires": ""}, text


@pytest.mark.parametrize("path", LOGINS)
def test_every_refusal_is_the_same_page(client, path):
    wrong = answer(client, path, "active", "wrong")
    assert wrong[0] == 200
    assert "Please enter" in wrong[2]

    for username in ("nobody", *State.values):
        for password in ("wrong", PASSWORD):
            if (username, password) != ("active", PASSWORD):
                assert answer(client, path, username, password) == wrong, (username, password)


@pytest.mark.parametrize("path", LOGINS)
@pytest.mark.parametrize(
    "text", ["", " ", "\0", "active\0", "x" * 10_000, "\ud800", b"\xff\xfe", "ａｃｔｉｖｅ\0"], ids=ascii
)
def test_bad_input_gets_the_same_page_and_counts_for_nobody(client, path, text):
    wrong = answer(client, path, "nobody", "wrong")

    for username, password in ((text, PASSWORD), (text, text)):
        body = b"&".join(
            name + b"=" + urlencoded(each) for name, each in ((b"username", username), (b"password", password))
        )
        page = client.post(path, body, content_type="application/x-www-form-urlencoded")
        assert page.status_code == 200
        assert error_of(page.text) == error_of(wrong[2])

    assert not UserFSM.objects.filter(failed_logins__gt=0).exists()


def urlencoded(text):
    raw = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    return b"".join(b"%%%02X" % byte for byte in raw)


def error_of(page):
    found = re.search(r'<(?:ul|p) class="error(?:list|note)[^>]*>(.*?)</(?:ul|p)>', page, re.DOTALL)
    assert found
    return found[1].strip()


def test_spellings_of_a_name_share_one_counter(client):
    for name in ("active", "ａｃｔｉｖｅ", " active", "active ", "active"):
        client.post("/accounts/login/", {"username": name, "password": "wrong"})

    assert UserFSM.objects.get(user__username="active").current_state == State.LOCKED


@pytest.mark.django_db(transaction=True)
def test_a_new_password_is_mailed_to_who_may_log_in_and_to_nobody_else(client):
    pages = [
        client.post("/accounts/password/reset/", {"email": f"{name}@example.com"}, follow=True)
        for name in ("nobody", *State.values)
    ]

    assert len({without_token(page) for page in pages}) == 1
    assert [message.to for message in outbox.outbox] == [["active@example.com"]]


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_does_not_tell_who_has_an_account(client, monkeypatch, caplog):
    def refuse(*args):
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)

    answers = {
        client.post("/accounts/password/reset/", {"email": f"{name}@example.com"}).status_code
        for name in ("nobody", "active")
    }

    assert answers == {302}
    assert "no mail server" in caplog.text


def test_superusers_get_the_same_answers(client):
    root = make_superuser("root", password=PASSWORD)
    root.fsm.lock(by="system")

    for path in LOGINS:
        assert answer(client, path, "root", PASSWORD) == answer(client, path, "nobody", "wrong")


@pytest.mark.parametrize("algorithm", ["md5", "pbkdf2_sha1"])
def test_a_hash_by_an_earlier_algorithm_costs_as_much_as_an_unknown_name(client, settings, monkeypatch, algorithm):
    """Django evens out fewer iterations of the same algorithm, and not another algorithm."""
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in HASHERS]
    User.objects.filter(username="active").update(password=make_password(PASSWORD, hasher=algorithm))
    hashed, encode = [], PBKDF2PasswordHasher.encode

    def counted(self, password, salt, iterations=None):
        if self.algorithm == PBKDF2PasswordHasher.algorithm:
            hashed.append(password)
        return encode(self, password, salt, iterations=1)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    for username in ("nobody", "active"):
        hashed.clear()
        answer(client, LOGINS[0], username, "wrong")
        assert len(hashed) == 1, username
