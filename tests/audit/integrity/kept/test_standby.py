"""On a standby that lags, nothing is called tampering; after a failover, what was lost is named."""

import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.exceptions import OnStandby
from audit.integrity.kept import journal, settled
from tests.factories import make_user
from tests.servers.standby import ALIAS, standby

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def replica(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no standbys")
    with standby() as replica:
        yield replica


@pytest.fixture
def vault(tmp_path):
    return tmp_path / "vault"


def checkpoint(vault, **options):
    out = StringIO()
    call_command("audit_checkpoint", stdout=out, **options)
    with vault.open("a") as file:
        file.write(out.getvalue())


@pytest.fixture
def acknowledged(tmp_path):
    handler = logging.FileHandler(tmp_path / "journal")
    journal.logger.addHandler(handler)
    yield tmp_path / "journal"
    journal.logger.removeHandler(handler)
    handler.close()


def test_a_replica_that_lags_says_so_and_cries_no_tampering(replica, vault, verify):
    ada = make_user("ada")
    checkpoint(vault)
    replica.stop_replaying()
    ada.fsm.lock(by="system")
    checkpoint(vault)

    outcome = verify(checkpoint=[str(vault)], database=ALIAS, wait=0.3)

    assert (outcome.exit_code, outcome.findings) == (2, [])
    assert "the replica has not reached" in outcome.error
    assert "standby, replay position" in outcome.error

    replica.replay()
    assert verify(checkpoint=[str(vault)], database=ALIAS, wait=30.0).exit_code == 0


def test_a_replica_is_waited_for(replica, vault, verify):
    ada = make_user("ada")
    replica.stop_replaying()
    ada.fsm.lock(by="system")
    checkpoint(vault)
    replica.replay()

    outcome = verify(checkpoint=[str(vault)], database=ALIAS, wait=30.0)

    assert outcome.summary == {"records": 3, "accounts": 1, "findings": 0}


def test_a_journal_is_ahead_of_a_replica_that_lags(replica, acknowledged, verify):
    ada = make_user("ada")
    replica.stop_replaying()
    ada.fsm.lock(by="system")

    outcome = verify(journal=[str(acknowledged)], database=ALIAS)

    assert (outcome.exit_code, outcome.findings) == (2, [])
    assert "the replica has not reached the change of" in outcome.error
    replica.replay()
    replica.catch_up()
    assert verify(journal=[str(acknowledged)], database=ALIAS).exit_code == 0


def test_nobody_sees_the_primarys_writers_from_a_standby(replica, vault):
    make_user("ada")
    replica.catch_up()

    with pytest.raises(OnStandby):
        settled.last_settled_key(using=ALIAS, wait=timedelta())
    with pytest.raises(CommandError, match=r"run this on the primary .*standby"):
        checkpoint(vault, database=ALIAS)
    with pytest.raises(CommandError, match="run this on the primary"):
        call_command("audit_declare_loss", reason="x", database=ALIAS)
    with pytest.raises(CommandError, match="run this on the primary"):
        call_command(
            "audit_declare_disturbance", "--from", "2026-01-01", "--until", "2026-01-02", reason="x", database=ALIAS
        )


def test_a_tampering_on_the_primary_is_found_on_the_standby(replica, vault, verify, tamper):
    ada = make_user("ada")
    checkpoint(vault)
    tamper("UPDATE user_audit_userstateaudit SET description = 'x' WHERE user_id = %s AND sequence = 1", [ada.pk])
    replica.catch_up()

    outcome = verify(checkpoint=[str(vault)], database=ALIAS)

    assert [each["kind"] for each in outcome.findings] == ["edited", "checkpoint"]
    assert "standby, replay position" in outcome.error


def test_a_loss_by_a_failover_is_named_by_the_journal_and_by_the_vault_and_can_be_declared(
    replica, vault, acknowledged, verify
):
    people = [make_user(name) for name in ("ada", "bob")]
    checkpoint(vault)
    replica.disconnect()
    for person in people:
        person.fsm.lock(by="system")  # acknowledged, and never to reach the other server
    checkpoint(vault)
    replica.promote()
    kept = {"checkpoint": [str(vault)], "journal": [str(acknowledged)], "database": ALIAS}
    assert verify(database=ALIAS).exit_code == 0  # the new primary itself knows nothing

    outcome = verify(**kept)

    assert outcome.named == [("checkpoint", "", None), ("journal", "ada", 2), ("journal", "bob", 2)]
    assert "covers 2 records" in outcome.findings[0]["message"]
    with pytest.raises(CommandError, match="does not match the kept checkpoints"):
        checkpoint(vault, after=[vault], database=ALIAS)

    call_command("audit_declare_loss", reason="failover", stdout=StringIO(), **kept)
    checkpoint(vault, after=[vault], database=ALIAS)

    outcome = verify(**kept)
    assert (outcome.exit_code, outcome.summary["declared"]) == (0, 3)
