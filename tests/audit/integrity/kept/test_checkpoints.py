"""Checkpoints find what the database alone cannot say: the newest records gone, and the state put back."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from audit.integrity.kept.checkpoints import Checkpoint
from audit.integrity.signed.digest import SetDigest
from audit.models import AuditCheckpoint, UserStateAudit
from tests.audit.put_back import A_VERSION_BACK
from tests.factories import make_user

pytestmark = pytest.mark.django_db

RECORDS = UserStateAudit._meta.db_table


def checkpoint(path=None, **options):
    out = StringIO()
    call_command("audit_checkpoint", file=path, stdout=out, **options)
    return out.getvalue()


def undo_the_last_transition(tamper, user, state):
    """As somebody would who wants a change never to have been, and knows the tables well."""
    version = user.fsm.version
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = %s", [user.pk, version])
    tamper(
        f"UPDATE user_lifecycle_userfsm SET {A_VERSION_BACK}, current_state = %s WHERE user_id = %s",
        [state, user.pk],
    )
    tamper("UPDATE auth_user SET is_active = %s WHERE id = %s", [state == "active", user.pk])


@pytest.fixture
def kept(tmp_path, people):
    path = tmp_path / "kept.checkpoint"
    people[2].fsm.lock(by="eve")
    checkpoint(path)
    return path


def test_a_record_that_went_on_still_holds(kept, people, verify):
    people[0].fsm.deactivate()
    make_user("new")

    assert verify(checkpoint=[str(kept)]).exit_code == 0


def test_the_newest_record_deleted_and_the_state_put_back_is_found(kept, people, verify, tamper):
    undo_the_last_transition(tamper, people[2], "active")
    tamper("DELETE FROM user_audit_auditcheckpoint")
    assert verify().exit_code == 0  # there is nothing left in the database that says otherwise

    outcome = verify(checkpoint=[str(kept)])

    assert outcome.named == [("checkpoint", "", None)]
    assert "covers 19 records, and there are 18" in outcome.findings[0]["message"]


def test_the_checkpoint_in_the_database_finds_it_too_while_it_is_there(kept, people, verify, tamper):
    undo_the_last_transition(tamper, people[2], "active")

    assert verify().named == [("checkpoint", "", None)]


def test_another_record_in_the_place_of_the_deleted_one_is_found(kept, people, verify, tamper):
    undo_the_last_transition(tamper, people[2], "active")
    people[2].fsm.lock(by="mallory")

    assert verify().named == [("checkpoint", "", None)]


def test_a_user_who_is_gone_with_all_records_is_found(kept, people, verify, tamper):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s", [people[0].pk])
    people[0].delete()

    assert verify(checkpoint=[str(kept)]).exit_code == 1


def test_a_history_rewritten_by_somebody_who_has_the_key_is_found(kept, people, verify, tamper):
    # The record that is deleted and written anew, at the same key, by our own code and so with a genuine signature.
    undo_the_last_transition(tamper, people[2], "active")
    people[2].fsm.lock(by="mallory")
    old, new = json.loads(kept.read_text())["last_id"], UserStateAudit.objects.transitions().latest("pk").pk
    tamper(f"UPDATE {RECORDS} SET id = %s WHERE id = %s", [old, new])
    tamper("DELETE FROM user_audit_auditcheckpoint")
    assert verify().exit_code == 0

    outcome = verify(checkpoint=[str(kept)])

    assert outcome.named == [("checkpoint", "", None)]
    assert "are not those" in outcome.findings[0]["message"]


@pytest.mark.parametrize("column", ["count", "last_id", "made_at", "total"])
def test_a_checkpoint_that_was_changed_in_the_database_is_found_and_nothing_is_built_on_it(
    kept, verify, tamper, column
):
    value = {"made_at": "2020-01-01T00:00:00Z", "total": b"\1" * 512}.get(column, 1)
    tamper(f"UPDATE user_audit_auditcheckpoint SET {column} = %s", [value])

    assert verify().named == [("checkpoint", "", None)]
    with pytest.raises(CommandError, match="not genuine"):
        checkpoint()


@pytest.mark.parametrize("name", ["made_at", "last_id", "count", "digest", "signature", "format"])
def test_a_checkpoint_file_that_was_changed_is_refused(kept, verify, tmp_path, name):
    values = json.loads(kept.read_text())
    values[name] = "2020-01-01T00:00:00+00:00" if name == "made_at" else 7
    changed = tmp_path / "changed"
    changed.write_text(json.dumps(values))

    outcome = verify(checkpoint=[str(changed)])

    assert outcome.exit_code == 2
    assert "checkpoint" in outcome.error


def test_only_what_is_new_is_read(people, tamper):
    first = json.loads(checkpoint())
    tamper(f"UPDATE {RECORDS} SET description = 'edited' WHERE sequence = 1")
    people[0].fsm.lock()
    with CaptureQueriesContext(connection) as queries:
        second = json.loads(checkpoint())

    assert second["count"] == first["count"] + 1
    read = [each["sql"] for each in queries if f'FROM "{RECORDS}"' in each["sql"] and "MAX" not in each["sql"]]
    assert len(read) == 2  # the page of one, and an empty one behind it
    assert f'"id" > {first["last_id"]}' in read[0]


def test_without_anything_new_it_says_the_same_again(people):
    first, second = json.loads(checkpoint()), json.loads(checkpoint())

    assert (first["count"], first["digest"], first["last_id"]) == (
        second["count"],
        second["digest"],
        second["last_id"],
    )
    assert AuditCheckpoint.objects.count() == 2


def test_an_empty_record_has_a_checkpoint_too(verify, tmp_path):
    checkpoint(tmp_path / "empty")

    assert verify(checkpoint=[str(tmp_path / "empty")]).exit_code == 0


def test_a_file_is_never_replaced(tmp_path):
    path = tmp_path / "kept"
    checkpoint(path)
    before = path.read_text()

    with pytest.raises(CommandError, match="already exists"):
        checkpoint(path)

    assert path.read_text() == before
    assert AuditCheckpoint.objects.count() == 1


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path):
    with pytest.raises(CommandError, match="No such file or directory"):
        checkpoint(tmp_path / "nowhere" / "kept")


def test_what_standard_output_got_is_what_a_file_gets(people):
    line = checkpoint()

    assert Checkpoint.from_json(line).to_json() + "\n" == line


def test_the_digest_asks_for_no_order_and_for_each_record():
    def digest(*messages):
        of = SetDigest()
        for message in messages:
            of.add(message)
        return of.count, of.hexdigest()

    assert digest(b"a", b"b", b"c") == digest(b"c", b"a", b"b")
    assert len({digest(), digest(b"a"), digest(b"b"), digest(b"a", b"a"), digest(b"a", b"b")}) == 5


def test_a_digest_is_stored_and_added_to():
    first, second, both = SetDigest(), SetDigest(), SetDigest()
    first.add(b"a")
    second.add(b"b")
    both.add(b"a")
    both.add(b"b")

    assert SetDigest.stored(first.count, first.to_bytes()) + second == both


@pytest.mark.parametrize(
    "command",
    [
        ["audit_checkpoint"],
        ["audit_declare_loss", "--reason", "a failover"],
        ["audit_erase", "ada", "--reason", "asked for"],
        ["audit_prune", "--before", "2020-01-01", "--archive", "2019.gz"],
    ],
    ids=lambda command: command[0],
)
def test_an_error_of_the_database_is_said_with_its_place(command):
    def fail(*args):
        raise OperationalError("the server has gone")

    with (
        connection.execute_wrapper(fail),
        pytest.raises(CommandError, match=r"the server has gone .*host .*, database"),
    ):
        call_command(*command)
