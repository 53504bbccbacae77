"""The examples of commands in the documentation, run in their order."""

import re
import shlex
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command, get_commands

from project.documents import APPS
from project.documents.examples import EXAMPLES
from tests.factories import make_superuser, make_user
from users.models import ScheduledChange, UserFSM
from users.states import State

EXIT_CODE = re.compile(r"  # exit code (\d)")


def name_of(example):
    return example.split(maxsplit=1)[0]


def run(example):
    """Run a line of the documentation; return its exit code."""
    try:
        call_command(*shlex.split(example, comments=True))
    except CommandError as error:
        return error.returncode
    except SystemExit as left:
        return left.code or 0
    return 0


def test_every_command_has_an_example():
    assert {name_of(each) for each in EXAMPLES} == {name for name, app in get_commands().items() if app in APPS}


@time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC))  # which is before the dates that are to come
@pytest.mark.django_db(transaction=True)
def test_the_examples_do_what_the_page_says(tmp_path, monkeypatch, settings):
    settings.AUDIT_RECORDS_DELETABLE = False
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text("email,username\nann@example.com,ann\n")
    (tmp_path / "interns.csv").write_text("email,username,ends\nida@example.com,ida,\n")
    make_superuser("admin")
    make_user("ian").groups.add(Group.objects.create(name="interns"))
    make_user("carol").fsm.lock(by="system")

    for example in EXAMPLES:
        expected = EXIT_CODE.search(example)
        assert run(example) == (int(expected[1]) if expected else 0), example

    states = dict(UserFSM.objects.values_list("user__username", "current_state"))
    assert states == {
        "admin": State.ACTIVE,
        "ann": State.INVITED,
        "ida": State.INVITED,
        "ian": State.LOCKED,
        "carol": State.ACTIVE,
    }
    assert ScheduledChange.objects.get().username == "ida"
    assert {"checkpoint", "records.csv"} <= {path.name for path in tmp_path.iterdir()}
