"""The command: what it prints, and its exit codes."""

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_user

MANAGE = [sys.executable, "manage.py"]


def run(*arguments, **environment):
    return subprocess.run([*MANAGE, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.django_db(transaction=True)
def test_a_clean_record_exits_with_0(environment):
    make_user("ada")

    done = run("audit_verify", **environment)

    assert (done.returncode, done.stdout) == (
        0,
        "records: 2, accounts: 1, findings: 0\n",
    )


@pytest.mark.django_db(transaction=True)
def test_findings_exit_with_1_and_each_is_one_object_a_line(environment, tamper):
    ada = make_user("ada")
    tamper("UPDATE auth_user SET is_active = false")

    done = run("audit_verify", "--json", **environment)

    assert done.returncode == 1
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {
            "kind": "is_active",
            "message": "is_active is False, but the state is active",
            "user_id": ada.pk,
            "username": "ada",
            "sequence": None,
        },
        {"records": 2, "accounts": 1, "findings": 1},
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--user", "nobody"],
        ["--since", "yesterday"],
        ["--since", "2026-02-31"],
        ["--since", "2026-01-01T99:00"],
        ["--checkpoint", "/nowhere/at/all"],
        ["--checkpoint", "manage.py"],
        ["--archive", "/nowhere/at/all"],
        ["--checkpoint", sys.executable],
        ["--checkpoint", "audit"],
        ["--archive", "manage.py"],
        ["--archive", sys.executable],
        ["--archive", "audit"],
    ],
)
@pytest.mark.django_db
def test_a_verification_that_cannot_run_says_why_and_exits_with_2(arguments):
    with pytest.raises(CommandError) as raised:
        call_command("audit_verify", *arguments, stdout=StringIO())

    assert raised.value.returncode == 2
    assert str(raised.value)


@pytest.mark.django_db
def test_a_database_that_is_not_in_the_settings_cannot_be_verified():
    with pytest.raises(CommandError, match="elsewhere") as raised:
        call_command("audit_verify", database="elsewhere", stdout=StringIO())

    assert raised.value.returncode == 2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"user": "ada", "checkpoint": ["some"]}, "covers all records"),
        ({"since": "2026-01-01", "checkpoint": ["some"]}, "covers all records"),
        ({"user": "ada", "archive": ["some"]}, "cannot be combined"),
        ({"checkpoint": ["some"], "archive": ["some"]}, "cannot be combined"),
    ],
)
@pytest.mark.django_db
def test_options_that_do_not_go_together_are_refused(options, why):
    with pytest.raises(CommandError, match=why) as raised:
        call_command("audit_verify", **options)

    assert raised.value.returncode == 2


def test_a_database_that_is_not_there_exits_with_2(tmp_path):
    done = run(
        "audit_verify",
        DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        DJANGO_SETTINGS_MODULE="tests.settings",
    )

    assert done.returncode == 2
    assert "no such table" in done.stderr


@pytest.mark.django_db
def test_a_person_reads_who_which_record_and_what(tamper):
    ada = make_user("ada")
    tamper("UPDATE auth_user SET is_active = false")
    out = StringIO()

    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit_verify", stdout=out, no_color=True)

    assert out.getvalue().splitlines() == [
        f"is_active: ada ({ada.pk}): is_active is False, but the state is active",
        "records: 2, accounts: 1, findings: 1",
    ]
