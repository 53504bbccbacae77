"""`--by` on the command line names a user where there is one, and says so where there is none."""

from io import StringIO

import pytest
from django.core.management import call_command

from audit.models import UserStateAudit
from tests.factories import make_user
from users.actors import ActorKind

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
