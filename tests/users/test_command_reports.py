"""`--json` of the commands."""

import io
import json

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from tests.factories import make_invited, make_superuser, make_user
from users.management.reporting import ReportingCommand
from users.states import State

pytestmark = pytest.mark.django_db

# These have an option of their own, or write nothing but data, or are Django's.
WITHOUT = {"audit_verify", "audit_journal", "flush"}


def report(*words, fails=None):
    """Run the command with `--json`; return the only object that it prints."""
    out = io.StringIO()
    if fails:
        with pytest.raises(CommandError, match=fails):
            call_command(*words, "--json", stdout=out, stderr=io.StringIO())
    else:
        call_command(*words, "--json", stdout=out, stderr=io.StringIO())
    (line,) = out.getvalue().splitlines()
    return json.loads(line)


def test_every_command_that_reports_has_json():
    apps = {name: app for name, app in get_commands().items() if app in ("users", "audit")}
    commands = {name: load_command_class(app, name) for name, app in apps.items()}

    assert {name for name, command in commands.items() if not isinstance(command, ReportingCommand)} == WITHOUT


def test_transition_reports_whom_it_refused_and_whom_it_left():
    make_user("ann")
    make_user("bob", state=State.LOCKED)
    make_superuser("root")
    words = ("transition", "lock", "--username", "ann", "bob", "root", "--description", "x")
    left = [{"username": "root", "reason": "the last active superuser"}]

    assert report(*words, "--dry-run", fails="left as it is") == {
        "transition": "lock",
        "dry_run": True,
        "would_change": 1,
        "states": {"active": 2, "locked": 1},
        "left": left,
    }
    assert report(*words, fails="left as it is") == {
        "transition": "lock",
        "dry_run": False,
        "changed": 1,
        "refused": [{"username": "bob", "state": "locked"}],
        "left": left,
    }


def test_invite_reports_the_lines_that_it_skipped(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,username\nann@example.com,ann\nbob,bob\n")
    skipped = [
        {"line": 3, "username": "bob", "email": "bob", "problems": ["email: Enter a valid email address."]},
    ]

    assert report("invite", str(file), "--dry-run", fails="would be skipped") == {
        "dry_run": True,
        "lines": 2,
        "would_invite": 1,
        "with_an_end": 0,
        "skipped": skipped,
    }
    assert report("invite", str(file), fails="were skipped") == {
        "dry_run": False,
        "lines": 2,
        "invited": 1,
        "skipped": skipped,
        "emails_not_sent": [],
    }


def test_what_was_exported_and_streamed_is_counted_beside_the_file(tmp_path, transactional_db, capsys):
    make_user("ann")
    exported, streamed = tmp_path / "exported.jsonl", tmp_path / "streamed.jsonl"

    assert report("audit_export", "--file", str(exported)) == {"events": 2, "file": str(exported)}
    assert report("audit_stream", "--to", f"file:{streamed}") == {"delivered": 2}
    assert report("audit_stream", "--to", f"file:{streamed}", "--again") == {"again": 0, "delivered": 0}
    assert len(streamed.read_text().splitlines()) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["audit_export", "audit_stream"])
def test_a_report_is_never_among_the_events(command, capsys):
    with pytest.raises(CommandError, match="--json: standard output has the events") as refused:
        call_command(command, "--json")

    assert refused.value.returncode == 2
    assert capsys.readouterr().out == ""


def test_progress_is_not_printed_where_nobody_watches(tmp_path, capsys):
    file = tmp_path / "people.csv"
    file.write_text("email,username\n" + "".join(f"a{each}@example.com,a{each}\n" for each in range(101)))

    call_command("invite", str(file))

    assert capsys.readouterr().out == "101 of 101 invited\n"


def test_a_question_is_not_part_of_the_report(capsys, monkeypatch):
    make_invited(f"person{number}" for number in range(101))
    monkeypatch.setattr("sys.stdin", terminal := io.StringIO("y\n"))
    monkeypatch.setattr(terminal, "isatty", lambda: True)

    call_command("transition", "activate", "--state", "invited", "--description", "x", "--json")

    said = capsys.readouterr()
    assert json.loads(said.out)["changed"] == 101
    assert said.err.endswith("activate: 101 accounts. Go on? [y/N] ")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["unlock", "bob"], {"username": "bob", "state": "active"}),
        (["unlock_expired"], {"unlocked": 0, "failed": 0}),
        (["send_mails"], {"sent": 0, "failed": 0}),
        (["deactivate_dormant"], {"dry_run": False, "warned": 0, "deactivated": 0, "not_sent": 0}),
        (["deactivate_dormant", "--dry-run"], {"dry_run": True, "would_warn": [], "would_deactivate": []}),
        (
            ["run_due"],
            {
                "scheduled_changes": {"made": 0, "refused": 0, "failed": 0, "without_way_in": 0},
                "saved_views": {"queued": 0},
                "expired_locks": {"unlocked": 0, "failed": 0},
                "dormant_accounts": {"warned": 0, "deactivated": 0, "not_sent": 0},
                "dashboard": {"counted": 29},
            },
        ),
    ],
)
def test_the_keys_are_there_also_if_nothing_was_done(words, expected):
    make_user("bob", state=State.LOCKED)

    assert report(*words) == expected


def test_a_command_that_fails_before_it_did_anything_prints_nothing_to_standard_output(capsys):
    with pytest.raises(CommandError, match="nobody called"):
        call_command("unlock", "nobody", "--json")

    assert capsys.readouterr().out == ""


def test_without_json_a_command_prints_its_text():
    out = io.StringIO()
    make_user("bob", state=State.LOCKED)

    call_command("unlock", "bob", stdout=out)

    assert out.getvalue() == "bob is unlocked\n"


@pytest.mark.parametrize("every", ["-1", "0", "nan", "inf", "soon", "1e9"])
def test_emails_are_not_sent_every_so_often_that_is_no_time(every):
    with pytest.raises(CommandError, match="is not a number of seconds from above 0 to 86400") as refused:
        call_command("send_mails", f"--every={every}")

    assert refused.value.returncode in (1, 2)
