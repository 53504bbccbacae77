"""The journal: a line for each committed change, which says afterwards what a database has lost."""

import gzip
import json
import logging
import tracemalloc
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django_fsm import TransitionNotAllowed

from audit.integrity.kept import journal
from audit.models import UserStateAudit
from tests.audit.put_back import A_VERSION_BACK
from tests.factories import make_user
from users.models import UserFSM

RECORDS = UserStateAudit._meta.db_table
STATES = "user_lifecycle_userfsm"


@pytest.fixture
def written(tmp_path, transactional_db):
    """The journal of a test, as a handler of the logger writes it on another machine."""
    path = tmp_path / "journal"
    handler = logging.FileHandler(path)
    journal.logger.addHandler(handler)
    yield path
    journal.logger.removeHandler(handler)
    handler.close()


@pytest.fixture
def changes(written: Path) -> Path:
    for name in ("ada", "bob"):
        make_user(name, email="zoë@example.org")
    for transition in ("lock", "unlock"):
        UserFSM.objects.bulk_transition(transition, by="system", description="at night")
    return written


def lose_the_newest(tamper, username):
    """As a failover to a standby that was behind does."""
    newest = UserStateAudit.objects.filter(username=username).latest("sequence")
    tamper(f"DELETE FROM {RECORDS} WHERE id = %s", [newest.pk])
    values = [newest.start_state, newest.user_id]
    tamper(f"UPDATE {STATES} SET {A_VERSION_BACK}, current_state = %s WHERE user_id = %s", values)
    tamper("UPDATE auth_user SET is_active = %s WHERE id = %s", [newest.start_state == "active", newest.user_id])


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_cannot_be_written_fails_no_transition(monkeypatch, caplog):
    def full(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(journal.logger, "info", full)
    user = User.objects.create_user("alice")

    user.fsm.activate()

    assert User.objects.get().is_active
    assert "no space left on device" in caplog.text


def test_a_line_carries_the_key_of_the_user_the_sequence_and_the_signature(changes):
    lines = [json.loads(line) for line in changes.read_text().splitlines()]

    records = UserStateAudit.objects.order_by("pk").values_list("user_id", "sequence", "signature")
    assert [(line["user_id"], line["sequence"], line["signature"]) for line in lines] == list(records)


def test_a_journal_of_changes_that_are_there_has_no_findings(changes, verify):
    assert verify(journal=[str(changes)]).exit_code == 0


def test_each_acknowledged_change_that_is_gone_is_named(changes, verify, tamper):
    lose_the_newest(tamper, "ada")
    lose_the_newest(tamper, "bob")
    assert verify().exit_code == 0  # the database itself knows nothing

    outcome = verify(journal=[str(changes)])

    assert outcome.named == [("journal", "ada", 3), ("journal", "bob", 3)]
    assert all("acknowledged and is not in the record" in each["message"] for each in outcome.findings)


def test_a_change_whose_sequence_was_given_to_another_one_is_named(changes, verify, tamper):
    lose_the_newest(tamper, "ada")
    User.objects.get(username="ada").fsm.deactivate()

    outcome = verify(journal=[str(changes)])

    assert outcome.named == [("journal", "ada", 3)]
    assert "another one has its sequence" in outcome.findings[0]["message"]


def test_a_declared_loss_of_acknowledged_changes_is_listed(changes, verify, tamper):
    lose_the_newest(tamper, "ada")
    call_command("audit_declare_loss", reason="failover", journal=[changes], stdout=StringIO())

    outcome = verify(journal=[str(changes)])
    assert (outcome.exit_code, outcome.summary["declared"]) == (0, 1)

    lose_the_newest(tamper, "bob")
    outcome = verify(journal=[str(changes)])
    assert [each["username"] for each in outcome.findings if "declared" not in each] == ["bob"]


def test_lines_that_are_edited_cut_or_garbage_are_named_and_the_others_are_checked(changes, verify, tamper):
    lines = changes.read_text().splitlines()
    lines[0] = lines[0].replace('"ada"', '"eve"')
    lines[1] = lines[1][:50]
    lines[2] = "\x00 nonsense"
    lines[3] = "[]"
    changes.write_text("\n".join(lines) + "\n")
    lose_the_newest(tamper, "bob")

    outcome = verify(journal=[str(changes)])

    messages = [each["message"] for each in outcome.findings]
    assert [message.partition(", line ")[2][0] for message in messages] == ["1", "2", "3", "4", "8"]
    assert "is not genuine" in messages[0]


def test_the_way_in_which_lines_are_kept_makes_no_difference(changes, verify, tamper):
    lines = changes.read_text().splitlines()
    stamped = [f"Nov 29 12:00:00 web-1 gunicorn[17]: {line}" for line in lines]
    ways = {
        "lines of Windows": "\r\n".join(lines).encode() + b"\r\n",
        "each line twice, with empty ones": "\n\n".join(lines + lines).encode() + b"\n",
        "with the time before them": "\n".join(stamped).encode() + b"\n",
        "compressed by rotation": gzip.compress("\n".join(lines).encode() + b"\n"),
        "without the last end of a line": "\n".join(lines).encode(),
        "copied while the last one was written": ("\n".join(lines) + "\n" + lines[0][:40]).encode(),
    }

    for way, content in ways.items():
        changes.write_bytes(content)
        assert verify(journal=[str(changes)]).exit_code == 0, way
    lose_the_newest(tamper, "ada")
    for way, content in ways.items():
        changes.write_bytes(content)
        assert set(verify(journal=[str(changes)]).named) == {("journal", "ada", 3)}, way


def test_a_compressed_journal_that_is_cut_off_is_named(changes, verify, tamper):
    lines = changes.read_text()
    changes.write_bytes(gzip.compress(lines.encode())[:-8])
    lose_the_newest(tamper, "ada")

    outcome = verify(journal=[str(changes)])

    assert outcome.named == [("journal", "", None), ("journal", "ada", 3)]
    assert "is damaged" in outcome.findings[0]["message"]


@pytest.mark.parametrize("line", ["[" * 100_000, '{"sequence": ' + "9" * 5000 + "}", "7", '"x"', "null"])
def test_a_line_made_to_break_the_reader_is_named(changes, verify, line):
    with changes.open("a") as file:
        file.write(f"{line}\n")

    assert verify(journal=[str(changes)]).named == [("journal", "", None)]


def test_only_changes_and_maintenance_come_into_the_journal(changes, verify, settings):
    settings.AUDIT_REFUSALS_PER_HOUR = 1
    ada = User.objects.get(username="ada")
    for _ in range(3):
        with pytest.raises(TransitionNotAllowed):
            ada.fsm.unlock(by="eve")

    assert verify(journal=[str(changes)]).exit_code == 0


def test_a_line_of_another_database_is_named(changes, verify):
    lines = changes.read_text().splitlines()
    UserStateAudit._base_manager.all()._raw_delete("default")  # the tests' setting allows it
    changes.write_text(lines[0] + "\n")

    assert ("journal", "ada", 0) in verify(journal=[str(changes)]).named


def test_lines_about_maintenance_are_no_changes(changes, verify):
    with changes.open("a") as file:
        file.write('{"maintenance": "retention", "initiated_by": "CLI"}\n')

    assert verify(journal=[str(changes)]).exit_code == 0


def test_a_change_that_was_archived_is_not_lost(changes, verify, time_machine, tmp_path):
    time_machine.move_to("2036-05-01")
    call_command("audit_prune", before="2030-01-01", archive=tmp_path / "old.gz", stdout=StringIO())
    assert UserStateAudit.objects.count() == 2

    assert verify(journal=[str(changes)]).exit_code == 0


def test_a_journal_is_written_anew_from_the_record_and_names_what_the_first_one_missed(changes, verify):
    first = changes.read_text().splitlines()
    changes.write_text("\n".join(first[:-1]) + "\n")  # a COMMIT whose answer was lost leaves no line
    out = StringIO()
    call_command("audit_journal", since="2020-01-01", stdout=out)
    anew = [json.loads(line) for line in out.getvalue().splitlines()]

    assert [each.pop("id") for each in anew] == list(UserStateAudit.objects.order_by("pk").values_list("pk", flat=True))
    assert anew == [json.loads(line) for line in first]
    changes.write_text(out.getvalue())
    assert verify(journal=[str(changes)]).exit_code == 0


def test_only_what_is_new_is_written_anew(changes, time_machine):
    time_machine.move_to("2036-05-01")
    User.objects.get(username="ada").fsm.lock(by="system")
    out = StringIO()

    call_command("audit_journal", since="2036-05-01", stdout=out)

    assert [json.loads(line)["transition"] for line in out.getvalue().splitlines()] == ["lock"]


def test_memory_does_not_grow_with_the_journal(changes, verify):
    def peak() -> int:
        tracemalloc.start()
        assert verify(journal=[str(changes)]).exit_code == 0
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak()
    text = changes.read_text()
    changes.write_text(text * 100)
    few = peak()
    changes.write_text(text * 1000)

    assert peak() < few * 1.2


def test_a_journal_that_is_not_there_is_a_clear_error(db, verify):
    outcome = verify(journal=["/nowhere/at/all"])

    assert outcome.exit_code == 2
    assert "No such file" in outcome.error


def test_a_part_of_the_record_cannot_be_held_against_a_journal(changes):
    with pytest.raises(CommandError, match="A journal covers all records"):
        call_command("audit_verify", user="ada", journal=[str(changes)])
