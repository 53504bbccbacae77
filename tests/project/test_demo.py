import logging
import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from audit.integrity.kept import journal
from audit.models import UserStateAudit
from users.models import UserFSM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_machine(settings, tmp_path, monkeypatch):
    """A developer's machine, whose database and passwords are in a folder of this test."""
    settings.DEBUG = True
    monkeypatch.setattr("project.management.commands.demo.password_file", lambda: tmp_path / "demo.passwords")
    monkeypatch.setattr("project.mailbox.file.path", lambda: tmp_path / "demo.mailbox")
    return tmp_path


def demo(**options):
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def test_passwords_of_the_story_are_strong_again_after_the_first_login(settings, client):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    printed = passwords(demo())
    assert User.objects.get(username="alice").password.startswith("pbkdf2_sha256$1000$")

    client.post("/accounts/login/", {"username": "alice", "password": printed["alice"]})

    assert not User.objects.get(username="alice").password.startswith("pbkdf2_sha256$1000$")
    assert client.get("/accounts/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_lines_of_the_log_stand_above_the_accounts(monkeypatch):
    lines: list[logging.LogRecord] = []
    monkeypatch.setattr(journal.logger, "handle", lines.append)

    demo()
    assert not lines

    User.objects.get(username="alice").fsm.lock()
    assert len(lines) == 1


def passwords(printed):
    return dict(re.findall(r"^(\w+) +(\S{12}) ", printed, flags=re.MULTILINE))


def test_it_prints_passwords_that_are_right():
    printed = passwords(demo())

    assert printed.keys() == set(User.objects.values_list("username", flat=True))
    for username in ("admin", "support", "alice"):
        assert authenticate(username=username, password=printed[username])


def test_each_database_has_passwords_of_its_own():
    first = demo()
    User.objects.all().delete()

    assert demo() != first


def test_only_this_user_of_the_machine_may_read_the_passwords(own_machine):
    demo()

    assert (own_machine / "demo.passwords").stat().st_mode & 0o777 == 0o600


def test_a_second_run_changes_nothing_and_prints_the_same():
    first = demo(if_empty=True)
    before = list(User.objects.values()), list(UserFSM.objects.values()), UserStateAudit.objects.transitions().count()

    second = demo(if_empty=True)

    assert (
        list(User.objects.values()),
        list(UserFSM.objects.values()),
        UserStateAudit.objects.transitions().count(),
    ) == before
    assert second == first


def test_it_refuses_a_database_that_has_users():
    demo()

    with pytest.raises(CommandError, match="already has users"):
        demo()


def test_it_leaves_a_database_alone_that_has_users_of_its_own():
    User.objects.create_user("somebody")

    assert "users of its own" in demo(if_empty=True)
    assert User.objects.count() == 1


@pytest.mark.parametrize("if_empty", [False, True])
def test_it_refuses_outside_of_development(settings, if_empty):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG"):
        demo(if_empty=if_empty)

    assert not User.objects.exists()
