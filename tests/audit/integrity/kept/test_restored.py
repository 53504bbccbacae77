"""After an older backup was restored, new records get the keys of lost ones; checkpoints elsewhere cover both."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from audit.models import UserStateAudit
from tests.audit.integrity.restoring import Backup
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

RECORDS = UserStateAudit._meta.db_table


def checkpoint(path: Path, **options: object) -> int:
    """Append a checkpoint, and return the key up to which it covers."""
    with path.open("a") as file:
        call_command("audit_checkpoint", stdout=file, **options)
    return int(json.loads(path.read_text().splitlines()[-1])["last_id"])


def work() -> None:
    for person in User.objects.order_by("pk"):
        person.fsm.lock(by="eve")
        person.fsm.unlock(by="eve")


@pytest.fixture
def vault(transactional_db, tmp_path):
    """Three lines; the last two cover records that a restore has taken away."""
    path = tmp_path / "vault"
    for name in ("ada", "bob", "cyd"):
        make_user(name)
    checkpoint(path)
    backup = Backup()
    work()
    checkpoint(path)
    work()
    checkpoint(path)
    backup.restore()
    yield path
    backup.discard()


def declare(vault: Path, reason: str = "restored") -> None:
    call_command("audit_declare_loss", reason=reason, checkpoint=[vault], stdout=StringIO())


def found(verify, vault: Path, **options: object) -> list[str]:
    outcome = verify(checkpoint=[str(vault)], **options)
    return [each["message"] for each in outcome.findings if "declared" not in each]


@pytest.mark.parametrize("jobs", [1, 2])
def test_new_records_with_the_keys_of_declared_ones_are_no_finding(vault, verify, jobs):
    declare(vault)

    for _ in range(5):  # the last ones have keys that were never given before
        work()
        assert found(verify, vault, jobs=jobs) == []
        checkpoint(vault, after=[vault])


def test_a_line_taken_before_the_loss_was_declared_holds_though_it_goes_further_than_the_lost_ones(vault, verify):
    first_lost = json.loads(vault.read_text().splitlines()[1])["last_id"]
    work()
    work()
    make_user("dan")
    assert checkpoint(vault) > first_lost

    assert [message.partition("vault, ")[2][:6] for message in found(verify, vault)] == ["line 2", "line 3"]
    declare(vault)
    work()
    assert found(verify, vault) == []


def test_two_restores_of_the_same_backup_can_be_declared_one_after_the_other(vault, verify):
    again = Backup("again")
    try:
        declare(vault, "restored")
        work()
        checkpoint(vault, after=[vault])
        again.restore()  # and with it, the declaration is gone
        assert len(found(verify, vault)) == 3
        declare(vault, "restored again")
        work()
        work()
        assert found(verify, vault) == []
        checkpoint(vault, after=[vault])
    finally:
        again.discard()


def test_a_loss_among_records_with_the_keys_of_declared_ones_is_found(vault, verify, tamper):
    declare(vault)
    work()
    checkpoint(vault, after=[vault])
    work()
    last = UserStateAudit.objects.filter(username="bob").latest().sequence

    tamper(f"DELETE FROM {RECORDS} WHERE username = 'bob' AND sequence = %s", [last - 2])

    assert any("line 4" in message for message in found(verify, vault))
    with pytest.raises(CommandError, match="line 4"):
        checkpoint(vault, after=[vault])


def test_a_later_archive_does_not_bring_the_declared_loss_back(vault, verify, time_machine, tmp_path):
    declare(vault)
    work()
    checkpoint(vault, after=[vault])
    time_machine.move_to("2036-05-01")
    work()
    checkpoint(vault, after=[vault])
    call_command("audit_prune", before="2035-01-01", archive=tmp_path / "old.gz", stdout=StringIO())
    work()

    assert found(verify, vault) == []
    checkpoint(vault, after=[vault])
    assert found(verify, vault) == []


def test_lines_that_cover_only_what_was_lost_cannot_be_compared_after_retention(vault, verify, time_machine, tmp_path):
    lost = tmp_path / "lost"
    lost.write_text("\n".join(vault.read_text().splitlines()[1:3]))
    declare(vault)
    work()
    time_machine.move_to("2036-05-01")
    call_command("audit_prune", before="2035-01-01", archive=tmp_path / "old.gz", stdout=StringIO())

    outcome = verify(checkpoint=[str(lost)])

    assert outcome.exit_code == 2
    assert "is older than records that have been archived" in outcome.error
