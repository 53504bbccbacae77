"""Checkpoints that are kept elsewhere, line by line: a loss stays found, however many lines come after it."""

import gzip
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditCheckpoint, AuditDeclaration, UserStateAudit
from tests.audit.put_back import A_VERSION_BACK
from tests.factories import make_user

pytestmark = pytest.mark.django_db

RECORDS = UserStateAudit._meta.db_table
STATES = "user_lifecycle_userfsm"


class Vault:
    """A file elsewhere, to which a line is added each hour."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, **options: object) -> None:
        out = StringIO()
        call_command("audit_checkpoint", stdout=out, **options)
        with self.path.open("a") as file:
            file.write(out.getvalue())

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()


@pytest.fixture
def vault(tmp_path, people) -> Vault:
    """Three lines, with a change between each and the next."""
    vault = Vault(tmp_path / "vault")
    vault.add()
    for person in people[:2]:
        person.fsm.lock(by="eve")
        vault.add()
    return vault


def forget_the_newest(tamper, user):
    """As its owner can: the newest record deleted, the state put back, and the checkpoints in the database deleted."""
    newest = UserStateAudit.objects.of(user).latest()
    tamper(f"DELETE FROM {RECORDS} WHERE id = %s", [newest.pk])
    tamper(
        f"UPDATE {STATES} SET {A_VERSION_BACK}, current_state = %s WHERE user_id = %s",
        [newest.start_state, user.pk],
    )
    tamper("UPDATE auth_user SET is_active = %s WHERE id = %s", [newest.start_state == "active", user.pk])
    tamper("DELETE FROM user_audit_auditcheckpoint")


def verify_vault(verify, vault, **options):
    return verify(checkpoint=[str(vault.path)], **options)


def test_every_line_holds_while_nothing_happens(vault, people, verify):
    people[2].fsm.lock(by="eve")
    vault.add()

    assert verify_vault(verify, vault).exit_code == 0


def test_a_loss_is_found_after_newer_lines_were_added_and_only_between_the_lines_around_it(
    vault, people, verify, tamper
):
    forget_the_newest(tamper, people[1])
    vault.add()  # an hour later, by the recipe: the newest line knows nothing of the loss
    people[2].fsm.lock(by="eve")
    vault.add()
    newest = vault.path.with_name("newest")
    newest.write_text(vault.lines()[-1])
    assert verify(checkpoint=[str(newest)]).exit_code == 0  # which is how it was forgotten

    outcome = verify_vault(verify, vault)

    assert outcome.named == [("checkpoint", "", None)]
    assert "vault, line 3," in outcome.findings[0]["message"]
    assert "covers 1 records" in outcome.findings[0]["message"]
    assert "there are 0 of them" in outcome.findings[0]["message"]


def test_a_record_replaced_long_ago_is_found_between_its_lines(vault, people, verify, tamper):
    tamper(f"UPDATE {RECORDS} SET description = 'never' WHERE user_id = %s AND sequence = 6", [people[0].pk])

    outcome = verify_vault(verify, vault)

    found = [each["message"] for each in outcome.findings if each["kind"] == "checkpoint"]
    assert "in the database" not in found[0]
    assert [("line 2," in message, "are not those" in message) for message in found] == [(True, True)]


def test_after_a_failover_keys_are_given_again_and_only_the_line_of_what_was_lost_does_not_hold(
    vault, people, verify, tamper
):
    forget_the_newest(tamper, people[1])
    lost = json.loads(vault.lines()[-1])["last_id"]
    people[2].fsm.lock(by="eve")
    tamper(f"UPDATE {RECORDS} SET id = %s WHERE user_id = %s AND sequence = 6", [lost, people[2].pk])
    vault.add()
    people[2].fsm.unlock(by="eve")
    vault.add()

    outcome = verify_vault(verify, vault)

    assert outcome.named == [("checkpoint", "", None)]
    assert "line 3," in outcome.findings[0]["message"]
    assert "are not those" in outcome.findings[0]["message"]


def test_no_line_is_added_after_one_that_does_not_hold(vault, people, tamper):
    forget_the_newest(tamper, people[1])
    before = AuditCheckpoint.objects.count()

    with pytest.raises(CommandError, match=r"line 3, .* covers 1 records"):
        vault.add(after=[vault.path])

    assert AuditCheckpoint.objects.count() == before


def test_no_line_is_added_either_where_the_checkpoints_in_the_database_are_there_and_say_otherwise(
    vault, people, tamper
):
    tamper(f"UPDATE {RECORDS} SET description = 'never' WHERE user_id = %s AND sequence = 6", [people[0].pk])

    with pytest.raises(CommandError, match="are not those"):
        vault.add(after=[vault.path])


def test_a_line_after_all_others_says_what_one_without_them_says(vault, people):
    people[2].fsm.lock(by="eve")
    vault.add()
    vault.add(after=[vault.path])

    before, after = map(json.loads, vault.lines()[-2:])

    assert {name: before[name] for name in ("last_id", "count", "digest", "total")} == {
        name: after[name] for name in ("last_id", "count", "digest", "total")
    }


@pytest.mark.parametrize("content", ["", "\n", "no checkpoint\n"])
def test_a_file_without_a_checkpoint_is_refused(vault, content, tmp_path, verify):
    empty = tmp_path / "empty"
    empty.write_text(content)

    with pytest.raises(CommandError, match="checkpoint"):
        vault.add(after=[empty])
    assert verify(checkpoint=[str(empty)]).exit_code == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[: len(line) // 2],
        lambda line: line.replace('"count": ', '"count": 1'),
        lambda line: json.dumps(json.loads(line) | {"total": "A" * 683 + "="}),
        lambda line: "{}",
        lambda line: "\x00\xff",
    ],
    ids=["cut", "count", "total", "nothing", "garbage"],
)
def test_a_damaged_line_is_named_and_the_others_are_held(vault, people, verify, tamper, damage):
    first, second, third = vault.lines()
    vault.path.write_text("\n".join((first, damage(second), third)) + "\n")

    outcome = verify_vault(verify, vault)
    assert outcome.named == [("checkpoint", "", None)]
    assert "line 2, cannot be used" in outcome.findings[0]["message"]

    forget_the_newest(tamper, people[0])
    assert verify_vault(verify, vault).named == [("checkpoint", "", None)] * 2


def test_a_line_that_somebody_has_commented_out_is_left_out(vault, verify):
    first, second, third = vault.lines()
    vault.path.write_text(f"# 3 May: the connection went, see incident 17\n{first}\n\n# {second[:50]}\r\n{third}\r\n")

    assert verify_vault(verify, vault).exit_code == 0
    vault.add(after=[vault.path])


def test_compressed_lines_are_read(vault, verify):
    vault.path.write_bytes(gzip.compress(vault.path.read_bytes()))

    assert verify_vault(verify, vault).exit_code == 0


@pytest.mark.parametrize(("by", "reason"), [("x" * 300, "failover"), ("a\0b", "c\ud800d\0")])
def test_a_declaration_takes_any_words(people, verify, tamper, by, reason):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 3", [people[0].pk])
    call_command("audit_declare_loss", reason=reason, by=by, stdout=StringIO())

    assert verify().exit_code == 0


def declare(vault, **options):
    out = StringIO()
    call_command("audit_declare_loss", reason="failover of 3 May", checkpoint=[vault.path], stdout=out, **options)
    return out.getvalue()


def test_a_declared_loss_is_listed_and_no_finding_with_any_of_the_lines(vault, people, verify, tamper):
    forget_the_newest(tamper, people[1])
    vault.add()

    assert "line 3," in declare(vault, by="ops@example.org")

    outcome = verify_vault(verify, vault)
    assert (outcome.exit_code, outcome.summary["declared"]) == (0, 1)
    assert "ops@example.org: failover of 3 May" in outcome.findings[0]["declared"]
    assert verify().exit_code == 0
    vault.add(after=[vault.path])
    assert verify_vault(verify, vault).exit_code == 0


def test_a_loss_declared_while_the_database_has_its_own_checkpoint_explains_that_one_too(vault, people, verify, tamper):
    newest = UserStateAudit.objects.of(people[1]).latest()
    forget = [f"DELETE FROM {RECORDS} WHERE id = {newest.pk}"]
    forget.append(f"UPDATE {STATES} SET {A_VERSION_BACK}, current_state = 'active' WHERE user_id = {people[1].pk}")
    forget.append(f"UPDATE auth_user SET is_active = true WHERE id = {people[1].pk}")
    for sql in forget:
        tamper(sql)
    assert verify().exit_code == 1
    declare(vault)

    assert verify().exit_code == 0
    assert verify_vault(verify, vault).exit_code == 0
    vault.add()
    assert verify_vault(verify, vault).exit_code == 0


def test_a_loss_beyond_the_declared_one_is_found(vault, people, verify, tamper):
    forget_the_newest(tamper, people[1])
    declare(vault)

    forget_the_newest(tamper, people[0])
    outcome = verify_vault(verify, vault)

    assert outcome.exit_code == 1
    assert "line 2," in next(each for each in outcome.findings if "declared" not in each)["message"]


def test_a_gap_in_the_records_of_a_person_can_be_declared_and_a_wider_one_is_found(people, verify, tamper):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 3", [people[0].pk])
    call_command("audit_declare_loss", reason="disk", stdout=StringIO())
    assert verify().exit_code == 0

    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 2", [people[0].pk])

    assert [each["kind"] for each in verify().findings if "declared" not in each] == ["missing"]


def test_nothing_is_declared_in_a_dry_run(vault, people, verify, tamper):
    forget_the_newest(tamper, people[1])

    assert "line 3," in declare(vault, dry_run=True)

    assert not AuditDeclaration.objects.exists()


def test_nothing_lost_is_nothing_to_declare(vault):
    with pytest.raises(CommandError, match="nothing was found"):
        declare(vault)


def test_a_declaration_needs_a_reason():
    with pytest.raises(CommandError, match="needs a reason"):
        call_command("audit_declare_loss", reason=" ")


def test_a_finding_that_is_no_loss_cannot_be_declared(people, tamper, vault, verify):
    tamper("UPDATE auth_user SET is_active = false WHERE id = %s", [people[2].pk])
    forget_the_newest(tamper, people[1])

    assert "cannot be declared: is_active" in declare(vault)

    assert [each["kind"] for each in verify_vault(verify, vault).findings if "declared" not in each] == ["is_active"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "nothing happened"),
        ("declared_by", "nobody"),
        ("made_at", "2020-01-01 00:00:00+00:00"),
        ("items", "[]"),
        ("subject", "clock"),
        ("signature", ""),
    ],
)
def test_an_edited_declaration_is_named_and_explains_nothing(vault, people, verify, tamper, column, value):  # noqa: PLR0917
    forget_the_newest(tamper, people[1])
    declare(vault)
    tamper(f"UPDATE user_audit_auditdeclaration SET {column} = %s", [value])

    assert [each["kind"] for each in verify_vault(verify, vault).findings] == ["declaration", "checkpoint"]


def test_a_deleted_declaration_explains_nothing(vault, people, verify, tamper):
    forget_the_newest(tamper, people[1])
    declare(vault)
    tamper("DELETE FROM user_audit_auditdeclaration")

    assert verify_vault(verify, vault).named == [("checkpoint", "", None)]


def test_a_declaration_explains_no_loss_of_another_person(people, verify, tamper):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 3", [people[0].pk])
    call_command("audit_declare_loss", reason="disk", stdout=StringIO())
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 3", [people[1].pk])

    assert [each["username"] for each in verify().findings if "declared" not in each] == ["bob"]


def test_the_newest_checkpoint_of_an_upgraded_database_still_holds(people, verify):
    call_command("audit_checkpoint", stdout=StringIO())
    stored = AuditCheckpoint.objects.get()
    stored.position = ""
    stored.sign()  # as it was signed before there were positions
    stored.save()

    assert verify().exit_code == 0


def test_two_files_are_held_together(vault, people, verify, tamper, tmp_path):
    first, *others = vault.lines()
    older, newer = tmp_path / "older", tmp_path / "newer"
    older.write_text(first)
    newer.write_text("\n".join(others))
    assert verify(checkpoint=[str(newer), str(older)]).exit_code == 0

    make_user("dan")
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 1", [people[0].pk])

    messages = [each["message"] for each in verify(checkpoint=[str(newer), str(older)]).findings]
    assert any(message.startswith(f"the checkpoint {older}, line 1, of") for message in messages)
