"""A verification in several processes, or in several runs, says what one alone says."""

import json
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from tqdm import tqdm

from audit.integrity import parts, verification
from audit.integrity.kept import taking
from audit.models import AuditCheckpoint, UserStateAudit
from tests.audit.integrity.restoring import Backup
from tests.factories import make_user
from users.models import UserFSM

RECORDS = UserStateAudit._meta.db_table

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(transactional_db):
    """Thirty people with three records each, and a checkpoint of them."""
    for number in range(30):
        make_user(f"person-{number:02}")
    UserFSM.objects.bulk_transition("lock", by="system")


@pytest.fixture
def kept(crowd, tmp_path):
    path = tmp_path / "vault"
    with path.open("w") as file:
        call_command("audit_checkpoint", stdout=file)
    return path


@pytest.fixture
def damage(kept, tamper):
    """One of each kind: in the first part, in one in the middle, and in the last one."""
    first, middle, last = (User.objects.order_by("pk")[place] for place in (0, 15, 29))
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 1", [first.pk])
    tamper(f"UPDATE {RECORDS} SET description = 'x' WHERE user_id = %s AND sequence = 1", [middle.pk])
    tamper("UPDATE auth_user SET is_active = true WHERE id = %s", [last.pk])


@pytest.mark.parametrize("jobs", [2, 5])
def test_two_processes_find_what_one_finds(damage, kept, verify, jobs):
    alone = verify(checkpoint=[str(kept)])
    together = verify(checkpoint=[str(kept)], jobs=jobs)

    assert alone.exit_code == together.exit_code == 1
    assert sorted(map(str, alone.findings)) == sorted(map(str, together.findings))
    assert alone.summary == together.summary


def test_two_processes_find_nothing_where_nothing_is(kept, verify):
    outcome = verify(checkpoint=[str(kept)], jobs=2)

    assert outcome.summary == {"records": 90, "accounts": 30, "findings": 0}


def test_an_empty_record_can_be_walked_in_parts(transactional_db, verify):
    assert verify(jobs=2).summary == {"records": 0, "accounts": 0, "findings": 0}


def test_records_of_people_who_are_gone_are_walked_too(kept, verify):
    User.objects.latest("pk").delete()
    User.objects.earliest("pk").delete()

    assert verify(jobs=2, checkpoint=[str(kept)]).summary == {"records": 92, "accounts": 28, "findings": 0}


@pytest.fixture
def interrupted(kept, verify, tmp_path, monkeypatch):
    """A run that ended after seven parts."""
    progress = tmp_path / "progress"
    walk = parts._walk_part
    done: list[Any] = []

    def until_the_seventh(*args):
        if len(done) == 7:
            raise OSError("the power went")
        done.append(args)
        return walk(*args)

    with monkeypatch.context() as patched:
        patched.setattr(parts, "_walk_part", until_the_seventh)
        assert verify(checkpoint=[str(kept)], resume=progress).exit_code == 2
    return progress


def test_a_run_goes_on_where_the_last_one_ended(interrupted, kept, verify, monkeypatch):
    walk = parts._walk_part
    walked: list[Any] = []

    def noting(*args):
        walked.append(args)
        return walk(*args)

    monkeypatch.setattr(parts, "_walk_part", noting)

    outcome = verify(checkpoint=[str(kept)], resume=interrupted)

    assert outcome.summary.items() >= {"records": 90, "accounts": 30, "findings": 0}.items()
    assert len(walked) == 31 - 7  # one for each person, and one for those behind
    assert not interrupted.exists()


def test_findings_of_the_first_run_are_found_by_the_one_that_continues(damage, kept, interrupted, verify):
    alone = verify(checkpoint=[str(kept)])
    resumed = verify(checkpoint=[str(kept)], resume=interrupted)

    assert sorted(map(str, alone.findings)) == sorted(map(str, resumed.findings))


def test_a_line_that_was_cut_is_walked_again(interrupted, kept, verify):
    interrupted.write_text(interrupted.read_text()[:-20])

    assert verify(checkpoint=[str(kept)], resume=interrupted).exit_code == 0


def test_an_altered_file_is_refused(interrupted, kept, verify):
    interrupted.write_text(interrupted.read_text().replace("accounts", "elephants"))

    outcome = verify(checkpoint=[str(kept)], resume=interrupted)

    assert outcome.exit_code == 2
    assert "is not genuine" in outcome.error


def test_the_progress_of_a_walk_with_other_checkpoints_is_refused(interrupted, verify, tmp_path):
    make_user("new")
    other = tmp_path / "other"
    with other.open("w") as file:
        call_command("audit_checkpoint", stdout=file)

    outcome = verify(checkpoint=[str(other)], resume=interrupted)

    assert outcome.exit_code == 2
    assert "not of this verification" in outcome.error


def test_a_run_goes_on_after_checkpoints_were_taken_and_the_next_run_compares_them(interrupted, kept, verify, tamper):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = (SELECT max(id) FROM auth_user) AND sequence = 1")
    make_user("new")
    with kept.open("a") as file:
        call_command("audit_checkpoint", stdout=file)

    outcome = verify(checkpoint=[str(kept)], resume=interrupted)

    assert {kind for kind, *_ in outcome.named} == {"missing", "checkpoint"}
    assert all("line 2" not in each["message"] for each in outcome.findings)


def test_a_run_does_not_go_on_after_records_were_archived(interrupted, kept, verify, tmp_path, time_machine):
    time_machine.move_to("2036-05-01")
    call_command("audit_prune", before="2030-01-01", archive=tmp_path / "old.gz", stdout=StringIO())

    outcome = verify(resume=interrupted)

    assert outcome.exit_code == 2
    assert "not of this verification" in outcome.error


def test_a_run_does_not_go_on_after_a_loss_was_declared(interrupted, kept, verify, tamper):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = (SELECT max(id) FROM auth_user) AND sequence = 1")
    call_command("audit_declare_loss", reason="disk", stdout=StringIO())

    outcome = verify(checkpoint=[str(kept)], resume=interrupted)

    assert outcome.exit_code == 2
    assert "not of this verification" in outcome.error


def test_a_run_does_not_go_on_after_an_older_backup_was_restored(crowd, verify, tmp_path, monkeypatch):
    backup = Backup()
    try:
        make_user("lost")
        monkeypatch.setattr(parts, "_to_json", lambda outcome: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            verify(resume=tmp_path / "progress")
        backup.restore()
        make_user("another")  # with the same keys
    finally:
        backup.discard()

    outcome = verify(resume=tmp_path / "progress")

    assert outcome.exit_code == 2
    assert "not of this verification" in outcome.error


def test_the_progress_of_two_runs_at_once_is_refused(interrupted, kept, verify):
    head = interrupted.read_text().splitlines(keepends=True)[0]
    interrupted.write_text(interrupted.read_text() + head)

    assert "not of this verification" in verify(checkpoint=[str(kept)], resume=interrupted).error


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_verification_during_which_records_are_archived_says_nothing(kept, verify, monkeypatch, tmp_path, jobs):
    archive = {"before": "2030-01-01", "archive": tmp_path / "old.gz", "stdout": StringIO()}

    def archive_first(using):
        with time_machine.travel("2036-05-01"):
            call_command("audit_prune", **archive)
        return []

    monkeypatch.setattr(verification, "out_of_place", archive_first)  # the first that it looks at

    outcome = verify(checkpoint=[str(kept)], jobs=jobs)

    assert outcome.exit_code == 2
    assert "records were archived during this verification" in outcome.error


def test_a_run_that_goes_on_says_when_it_began(interrupted, kept, verify):
    outcome = verify(checkpoint=[str(kept)], resume=interrupted)

    assert outcome.summary["begun"].startswith("20")


@pytest.mark.parametrize("left", [0, 10], ids=["nothing", "half of the first line"])
def test_a_run_that_was_killed_at_once_begins_anew(interrupted, kept, verify, left):
    interrupted.write_text(interrupted.read_text()[:left])

    assert verify(checkpoint=[str(kept)], resume=interrupted).summary["records"] == 90
    assert not interrupted.exists()


def test_a_run_that_is_killed_twice_goes_on_both_times(interrupted, kept, verify, monkeypatch):
    interrupted.write_text(interrupted.read_text()[:-20])
    with monkeypatch.context() as patched:
        patched.setattr(parts, "_to_json", lambda outcome: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            verify(checkpoint=[str(kept)], resume=interrupted)

    assert verify(checkpoint=[str(kept)], resume=interrupted).exit_code == 0


@pytest.fixture
def parts_of_seven_keys(monkeypatch):
    monkeypatch.setattr(taking, "KEYS", 7)


def checkpoint(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("audit_checkpoint", stdout=out, **options)
    return {name: value for name, value in json.loads(out.getvalue()).items() if name in {"last_id", "count", "digest"}}


def test_a_checkpoint_by_two_processes_is_that_of_one(crowd, parts_of_seven_keys):
    alone = checkpoint()
    AuditCheckpoint.objects.all().delete()

    assert checkpoint(jobs=2) == alone
    assert alone["count"] == 90


def test_kept_checkpoints_are_compared_by_two_processes_too(kept, parts_of_seven_keys, tamper):
    make_user("new")
    assert checkpoint(jobs=2, after=[kept]) == checkpoint(jobs=1, after=[kept])

    tamper(f"UPDATE {RECORDS} SET description = 'x' WHERE id = (SELECT min(id) FROM {RECORDS})")

    with pytest.raises(CommandError, match="are not those that the checkpoint"):
        checkpoint(jobs=2, after=[kept])


def test_keys_that_have_jumped_make_no_more_parts(kept, tamper):
    tamper(f"UPDATE {RECORDS} SET id = 2000000000 WHERE id = (SELECT max(id) FROM {RECORDS})")
    AuditCheckpoint.objects.all().delete()

    assert checkpoint(jobs=2)["count"] == 90


@pytest.mark.parametrize("jobs", ["0", "-1", "65", "two"])
def test_a_number_of_processes_that_is_none_is_refused(jobs):
    with pytest.raises(CommandError, match="is not a number of processes"):
        call_command("audit_verify", "--jobs", jobs)


def test_the_progress_of_one_person_cannot_be_kept(crowd, tmp_path):
    with pytest.raises(CommandError, match="--resume is for all records"):
        call_command("audit_verify", user="person-01", resume=tmp_path / "progress", stdout=StringIO())


def test_progress_says_how_much_is_left(kept, monkeypatch, capsys):
    bars: list[Any] = []

    class Bar(tqdm):  # type: ignore[type-arg]  # generic in the stubs only
        def __init__(self, **arguments):
            bars.append(self)
            super().__init__(**arguments | {"disable": False, "file": StringIO()})

    monkeypatch.setattr("users.management.progress.tqdm", Bar)
    call_command("audit_verify", jobs=2, stdout=StringIO())

    assert [(bar.n, bar.total) for bar in bars] == [(90, 90)]
