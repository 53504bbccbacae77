import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import DEFAULT_DB_ALIAS, transaction
from django.template import engines

from users import mail

TEMPLATES = {
    "user_lifecycle/mail/hello.subject.txt": "Hello\n{{ user.username }}\n",
    "user_lifecycle/mail/hello.txt": "{% autoescape off %}{{ site_url }}: {{ word }}{% endautoescape %}",
    "user_lifecycle/mail/hello.html": "<p>{{ word }}</p>",
}


class UnreachableServer(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


@pytest.fixture(autouse=True)
def templates(settings):
    """A mail of the tests' own."""
    (engine,) = settings.TEMPLATES
    loaders = [
        ("django.template.loaders.locmem.Loader", TEMPLATES),
        "django.template.loaders.app_directories.Loader",
    ]
    options = engine["OPTIONS"] | {"loaders": loaders}
    settings.TEMPLATES = [engine | {"APP_DIRS": False, "OPTIONS": options}]
    settings.USERS_SITE_URL = "https://accounts.example.com/"
    assert engines.all()


@pytest.fixture
def alice(transactional_db):
    return User.objects.create_user("alice", "alice@example.com")


def test_a_mail_waits_for_the_commit(alice):
    with transaction.atomic():
        mail.send("hello", alice, {"word": "<ahoy>"}, using=DEFAULT_DB_ALIAS)
        assert outbox.outbox == []

    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == ["alice@example.com"]
    assert message.subject == "Hello alice"
    assert message.body == "https://accounts.example.com: <ahoy>"
    assert message.alternatives == [("<p>&lt;ahoy&gt;</p>", "text/html")]


def test_a_rollback_sends_none(alice):
    with transaction.atomic():
        mail.send("hello", alice, {"word": ""}, using=DEFAULT_DB_ALIAS)
        transaction.set_rollback(True)

    assert outbox.outbox == []


def test_who_has_no_address_gets_none(alice):
    alice.email = ""
    mail.send("hello", alice, {"word": ""}, using=DEFAULT_DB_ALIAS)

    assert outbox.outbox == []


def test_a_mail_goes_to_the_field_that_the_user_model_names(alice, monkeypatch):
    alice.last_name = "work@example.com"
    monkeypatch.setattr(User, "EMAIL_FIELD", "last_name")

    mail.send("hello", alice, {"word": ""}, using=DEFAULT_DB_ALIAS)

    assert [message.to for message in outbox.outbox] == [["work@example.com"]]


def test_a_lost_mail_server_fails_nothing_and_is_logged(alice, settings, monkeypatch, caplog):
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", UnreachableServer)

    with transaction.atomic():
        alice.fsm.activate()
        mail.send("hello", alice, {"word": ""}, using=DEFAULT_DB_ALIAS)

    assert User.objects.get().is_active
    assert "no mail server" in caplog.text
