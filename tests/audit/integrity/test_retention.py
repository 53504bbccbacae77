"""Old records leave for an archive; what remains, what has left, and both together still verify."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from audit.integrity import retention
from audit.integrity.kept import archives
from audit.integrity.signed import reading
from audit.models import AuditArchive, AuditCheckpoint, AuditFloor, UserStateAudit
from users.models import UserFSM

pytestmark = pytest.mark.django_db

RECORDS = UserStateAudit._meta.db_table
LONG_AGO = datetime(2020, 5, 1, tzinfo=UTC)
BEFORE = "2021-01-01"


@pytest.fixture(autouse=True)
def triggers_hold(settings):
    """Nothing but declared maintenance deletes."""
    settings.AUDIT_RECORDS_DELETABLE = False


@pytest.fixture
def old(request, time_machine):
    """Ada, Bob and Cyd: five records each of 2020. Ada has two more of 2022; Bob is gone."""
    time_machine.move_to(LONG_AGO)
    people = request.getfixturevalue("people")
    time_machine.move_to(LONG_AGO + timedelta(days=700))
    people[0].fsm.lock()
    people[0].fsm.unlock()
    people[1].delete()
    time_machine.move_to(LONG_AGO + timedelta(days=2000))
    return people


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "2020.jsonl.gz"


def prune(path, before=BEFORE, **options):
    out = StringIO()
    call_command("audit_prune", before=before, archive=path, stdout=out, **options)
    return out.getvalue()


def kept():
    return sorted(UserStateAudit.objects.values_list("username", "sequence"))


def archived(path):
    with gzip.open(path, "rt") as lines:
        records = [json.loads(line) for line in lines][1:-1]
    return [(record["username"], record["sequence"]) for record in records]


KEPT = [("ada", 6), ("ada", 7), ("bob", 6), ("cyd", 5)]
ARCHIVED = [
    *((name, sequence) for name in ("ada", "bob") for sequence in range(6)),
    *(("cyd", sequence) for sequence in range(5)),
]


def test_old_records_leave_except_for_the_newest_one_of_each_user(old, archive, verify):
    said = prune(archive)

    assert said == f"17 records are now in {archive} and no longer in the database\n"
    assert archived(archive) == ARCHIVED
    assert kept() == KEPT
    assert verify().summary == {"records": 4, "accounts": 2, "findings": 0}
    assert verify(archive=[str(archive)]).summary == {"records": 17, "accounts": 0, "findings": 0}


def test_batches_and_pages_change_nothing(old, archive, verify, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(reading, "PAGE", 2)

    prune(archive)

    assert (archived(archive), kept()) == (ARCHIVED, KEPT)
    assert AuditArchive.objects.get().count == 17
    assert verify().exit_code == 0


def test_life_goes_on_after_it(old, archive, verify):
    prune(archive)
    old[2].fsm.deactivate(by="system")

    UserFSM.objects.filter(user=old[0]).delete()

    assert User.objects.get(pk=old[0].pk).fsm.version == 9  # behind the death of the row, a life of its own
    assert verify().exit_code == 0


def test_the_same_call_again_does_nothing(old, archive, verify):
    prune(archive)
    before = archive.read_bytes()

    assert prune(archive).startswith("0 records")
    assert archive.read_bytes() == before
    assert AuditArchive.objects.get().count == 17
    assert verify().exit_code == 0


def test_the_next_archive_goes_on_behind_the_first(old, archive, tmp_path, verify):
    second = tmp_path / "second.jsonl.gz"
    prune(archive)
    old[2].fsm.lock()

    prune(second, "2024-01-01")

    assert archived(second) == [("ada", 6), ("cyd", 5)]
    assert verify().exit_code == 0
    assert verify(archive=[str(archive), str(second)]).summary["records"] == 19


def test_without_old_records_there_is_no_archive(people, archive):
    assert prune(archive, "2001-01-01") == "There are no records to archive.\n"
    assert not archive.exists()


def test_less_than_the_retention_minimum_is_refused(old, archive, settings):
    yesterday = (datetime.now(UTC) - timedelta(days=364)).isoformat()
    with pytest.raises(CommandError, match="must be kept"):
        prune(archive, yesterday)

    settings.AUDIT_RETENTION_MINIMUM = timedelta(days=30)
    prune(archive, yesterday)
    assert kept() == [("ada", 7), ("bob", 6), ("cyd", 5)]


def test_a_file_that_is_something_else_is_left_alone(old, archive):
    archive.write_text("a letter")

    with pytest.raises(CommandError, match="not an archive"):
        prune(archive)

    assert archive.read_text() == "a letter"
    assert len(kept()) == 21


def test_a_file_that_somebody_else_made_meanwhile_is_left_alone(old, archive, monkeypatch):
    def write_and_be_overtaken(*arguments, written=archives._write_to_disk):
        archive.write_text("of another run")
        return written(*arguments)

    monkeypatch.setattr(archives, "_write_to_disk", write_and_be_overtaken)

    with pytest.raises(CommandError, match="already exists"):
        prune(archive)

    assert archive.read_text() == "of another run"
    assert list(archive.parent.iterdir()) == [archive]
    assert len(kept()) == 21


def test_an_archive_of_another_date_is_left_alone(old, archive):
    prune(archive)

    with pytest.raises(CommandError, match="already exists"):
        prune(archive, "2022-12-31")

    assert kept() == KEPT


def test_nobody_else_may_read_an_archive(old, archive):
    prune(archive)

    assert archive.stat().st_mode & 0o077 == 0


def test_a_record_that_was_edited_does_not_leave(old, archive, tamper, verify):
    tamper(f"UPDATE {RECORDS} SET description = 'nothing' WHERE username = 'cyd' AND sequence = 2")

    with pytest.raises(CommandError, match=r"record 2 of cyd .* signature does not match"):
        prune(archive)

    assert len(kept()) == 21
    assert not list(archive.parent.iterdir())


def test_records_behind_a_missing_one_do_not_leave(old, archive, tamper, verify):
    tamper(f"DELETE FROM {RECORDS} WHERE username = 'cyd' AND sequence = 2")

    prune(archive)

    assert ("cyd", 1) not in kept()
    assert ("cyd", 3) in kept()
    assert ("missing", "cyd", 2) in verify().named


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {RECORDS} SET description = 'nothing' WHERE username = 'cyd' AND sequence = 3",
        f"DELETE FROM {RECORDS} WHERE username = 'cyd' AND sequence = 3",
    ],
)
def test_a_record_that_changed_since_it_was_archived_stops_the_deletion(old, archive, tamper, monkeypatch, sql):
    with monkeypatch.context() as patch:
        patch.setattr(retention.Pruning, "_delete", lambda self, batch: None)
        prune(archive)
    tamper(sql)
    left = kept()

    with pytest.raises(CommandError, match=r"record [34] of cyd"):
        prune(archive)

    assert kept() == left


def test_an_archive_that_is_not_what_was_written_deletes_nothing(old, archive, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(retention.Pruning, "_delete", lambda self, batch: None)
        prune(archive)
    with gzip.open(archive, "rt") as file:
        lines = file.readlines()
    with gzip.open(archive, "wt") as file:
        file.writelines([*lines[:3], *lines[4:]])

    with pytest.raises(CommandError, match="missing"):
        prune(archive)

    assert len(kept()) == 21


@pytest.mark.parametrize("kept_bytes", [40, 300])
def test_an_archive_that_the_disk_has_not_kept_deletes_nothing(old, archive, monkeypatch, kept_bytes):
    monkeypatch.setattr("os.fsync", lambda file: os.ftruncate(file, kept_bytes))

    with pytest.raises(CommandError, match="damaged"):
        prune(archive)

    assert len(kept()) == 21
    assert not list(archive.parent.iterdir())


def test_details_in_another_order_are_the_same(old, archive, tamper, monkeypatch):
    """PostgreSQL and SQLite give the keys of an object in orders of their own."""
    line_of = archives.line_of
    with monkeypatch.context() as patch:
        patch.setattr(retention.Pruning, "_delete", lambda self, batch: None)
        patch.setattr(archives, "line_of", lambda row: " " + line_of(row))
        prune(archive)

    assert prune(archive).startswith("17 records")


def tampered(path, change):
    with gzip.open(path, "rt") as file:
        lines = file.readlines()
    with gzip.open(path, "wt") as file:
        file.writelines(change(lines))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda lines: [*lines[:3], lines[3].replace("at night", "at noon"), *lines[4:]], "edited"),
        (lambda lines: [*lines[:3], *lines[4:]], "missing"),
        (lambda lines: [lines[0], *lines[6:]], "archive"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "out_of_order"),
        (lambda lines: lines[:-1], "archive"),
        (lambda lines: [*lines[:-1], '{"count": 17, "signature": ""}'], "archive"),
        (lambda lines: [*lines[:4], "no JSON\n", *lines[4:]], "archive"),
        (lambda lines: [*lines[:4], '{"id": 5}\n', *lines[4:]], "archive"),
        (lambda lines: [*lines[:4], "[]\n", *lines[4:]], "archive"),
        (lambda lines: [*lines[:4], lines[4].replace('"sequence": 3', '"sequence": "3"'), *lines[5:]], "archive"),
        (lambda lines: [*lines[:4], lines[4].replace("+00:00", ""), *lines[5:]], "archive"),
        (lambda lines: [*lines[:-1], '{"signature": 5}'], "archive"),
        (lambda lines: [*lines[:-1], lines[-1].replace('"count": 17', '"count": 18')], "archive"),
        (lambda lines: [*lines, lines[4]], "archive"),
    ],
)
def test_an_archive_that_was_tampered_with_is_found(old, archive, verify, change, named):
    prune(archive)
    tampered(archive, change)

    outcome = verify(archive=[str(archive)])

    assert outcome.exit_code == 1
    assert named in {each["kind"] for each in outcome.findings}


def test_an_archive_that_is_cut_off_is_found(old, archive, verify):
    prune(archive)
    archive.write_bytes(archive.read_bytes()[:-40])

    assert [each["kind"] for each in verify(archive=[str(archive)]).findings] == ["archive"]


def test_a_first_record_that_goes_without_an_archive_is_found(old, archive, tamper, verify):
    prune(archive)
    tamper(f"DELETE FROM {RECORDS} WHERE username = 'ada' AND sequence = 6")
    tamper("DELETE FROM user_audit_auditcheckpoint")

    assert verify().named == [("missing", "ada", 6)]


def test_a_note_of_what_went_cannot_be_made_up_moved_or_taken_away(old, archive, tamper, verify):
    prune(archive)
    ada, cyd = old[0].pk, old[2].pk
    tamper("UPDATE user_audit_auditfloor SET sequence = 6 WHERE user_id = %s", [ada])
    tamper(f"DELETE FROM {RECORDS} WHERE username = 'ada' AND sequence = 6")
    tamper("DELETE FROM user_audit_auditfloor WHERE user_id = %s", [cyd])

    assert {("floor", "", 6), ("missing", "ada", 0), ("missing", "cyd", 0)} <= set(verify().named)


@pytest.mark.parametrize("column", ["count", "last_id", "name", "made_at", "total"])
def test_a_note_of_an_archive_that_was_changed_is_found(old, archive, tamper, verify, column):
    prune(archive)
    value = {"made_at": LONG_AGO, "total": b"\1" * 512, "name": "2019.jsonl.gz"}.get(column, 1)
    tamper(f"UPDATE user_audit_auditarchive SET {column} = %s", [value])

    assert {each["kind"] for each in verify().findings} == {"archive", "checkpoint"}


def test_a_checkpoint_from_before_still_holds_and_still_finds(old, archive, tamper, verify, tmp_path):
    path = tmp_path / "kept"
    call_command("audit_checkpoint", file=path, stdout=StringIO())
    prune(archive)
    assert verify(checkpoint=[str(path)]).exit_code == 0

    tamper(f"DELETE FROM {RECORDS} WHERE username = 'bob'")
    tamper("DELETE FROM user_audit_auditfloor WHERE user_id NOT IN (SELECT id FROM auth_user)")
    tamper("DELETE FROM user_audit_auditcheckpoint")

    assert verify().exit_code == 0
    assert verify(checkpoint=[str(path)]).named == [("checkpoint", "", None)]


def test_a_checkpoint_older_than_what_was_archived_since_says_so(archive, request, time_machine, verify, tmp_path):
    time_machine.move_to(LONG_AGO)
    path = tmp_path / "kept"
    call_command("audit_checkpoint", file=path, stdout=StringIO())
    request.getfixturevalue("people")
    time_machine.move_to(LONG_AGO + timedelta(days=2000))
    prune(archive)

    outcome = verify(checkpoint=[str(path)])

    assert outcome.exit_code == 2
    assert "older than records that have been archived in 2020.jsonl.gz" in outcome.error


def test_it_leaves_signed_notes(old, archive):
    prune(archive)

    notes = [*AuditCheckpoint.objects.all(), *AuditArchive.objects.all(), *AuditFloor.objects.all()]
    assert len(notes) == 5
    assert all(note.is_genuine for note in notes)


def test_the_rows_of_django_fsm_log_stay(old, archive):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_fsm_log_statelog")
        before = cursor.fetchone()
        prune(archive)
        cursor.execute("SELECT count(*) FROM django_fsm_log_statelog")
        assert cursor.fetchone() == before
