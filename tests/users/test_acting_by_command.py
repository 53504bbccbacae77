"""`--by` on the command line names a user where there is one, and says so where there is none."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from audit.models import UserStateAudit
from tests.factories import make_user
from users.actors import ActorKind
from users.backends import StateBackend
from users.models import UserFSM

pytestmark = pytest.mark.django_db


def lock(**options):
    said = StringIO()
    call_command(
        "transition", "lock", username=["ada"], description="stolen", stdout=StringIO(), stderr=said, **options
    )
    return said.getvalue()


@pytest.mark.parametrize("name", ["adm", "system", "CLI", "anonymous"])
def test_a_name_that_is_nobodys_is_said_and_is_taken_for_nobody_else(name):
    ada = make_user("ada")

    said = lock(by=name)

    record = UserStateAudit.objects.of(ada).latest()
    assert f"no user {name!r}" in said
    assert (record.initiated_by, record.actor_id, record.actor_kind) == (name, None, ActorKind.NAMED)


def test_the_name_of_a_user_is_that_user():
    ada, root = make_user("ada"), make_user("root")

    assert lock(by="root") == ""

    record = UserStateAudit.objects.of(ada).latest()
    assert (record.initiated_by, record.actor_id, record.actor_kind) == ("root", root.pk, ActorKind.USER)


def test_without_a_name_it_is_the_command_line():
    ada = make_user("ada")

    lock()

    record = UserStateAudit.objects.of(ada).latest()
    assert (record.initiated_by, record.actor_id, record.actor_kind) == ("CLI", None, ActorKind.CLI)


@pytest.fixture
def _people_called_lee(monkeypatch):
    """Two people of one name, where names need not be unique."""
    monkeypatch.setattr(User, "USERNAME_FIELD", "last_name")
    for name in ("ann", "bob"):
        make_user(name, last_name="lee")


@pytest.mark.usefixtures("_people_called_lee")
@pytest.mark.parametrize(
    "command",
    [
        ("transition", "lock", "--username", "lee", "--description", "left"),
        ("transition", "lock", "--state", "active", "--description", "left", "--by", "lee"),
        ("unlock", "lee"),
        ("audit_erase", "lee", "--reason", "asked for it"),
    ],
    ids=lambda command: f"{command[0]} {command[-2]}",
)
def test_several_people_with_one_name_are_never_taken_for_each_other(command):
    with pytest.raises(CommandError, match=r"several (people|users) are called 'lee'"):
        call_command(*command)

    assert {fsm.current_state for fsm in UserFSM.objects.all()} == {"active"}


@pytest.mark.parametrize("name", ["ada", "9" * 40])
def test_a_name_that_the_field_cannot_hold_is_nobodys(monkeypatch, name):
    monkeypatch.setattr(User, "USERNAME_FIELD", "id")
    make_user()

    with pytest.raises(CommandError, match="there is nobody called"):
        call_command("transition", "lock", "--username", name, "--description", "left")
    assert StateBackend().find(name) is None
