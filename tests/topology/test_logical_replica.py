"""A logical replica, with the rules in force, and what it needs before it takes over."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.topology.clusters import Server, until
from tests.topology.site import manage, python
from tests.topology.test_failover import lines, storm

HIGHEST = "SELECT max(id) FROM user_audit_userstateaudit"
LOCK_AND_UNLOCK = """
from django.contrib.auth.models import User
for name in ("writer0", "writer1"):
    fsm = User.objects.get(username=name).fsm
    fsm.lock(by="ops") if fsm.current_state == "active" else fsm.unlock(by="ops")
User.objects.create_user("passer-by").delete()
"""


@pytest.fixture
def replica(primary: Server, servers: Any) -> Server:
    """A standby that `pg_createsubscriber` has made a logical replica."""
    server: Server = servers("logical", primary)
    server.stop()
    (server.data / "standby.signal").chmod(0o666)  # which the tests have made, as another user perhaps
    command: list[str | Path] = [server.binaries / "pg_createsubscriber", "-D", server.data, "-P", primary.url]
    subprocess.run([*command, "-d", "postgres", "-U", "postgres"], check=True, **server.identity)
    server.settings.clear()
    server.start()
    return server


def test_a_logical_replica_holds_and_takes_over_once_its_sequences_are_set(primary, replica, tmp_path):
    journal = tmp_path / "journal.jsonl"
    with storm(primary.url, journal):
        until(lambda: lines(journal) > 100, "a storm")
    python(primary.url, LOCK_AND_UNLOCK)
    until(lambda: replica.execute(HIGHEST) == primary.execute(HIGHEST), "everything has arrived")

    assert manage(replica.url, "audit_verify", "--journal", str(journal)).returncode == 0

    with psycopg.connect(replica.url, autocommit=True) as connection:
        ((name,),) = connection.execute("SELECT subname FROM pg_subscription").fetchall()
        connection.execute(f'ALTER SUBSCRIPTION "{name}" DISABLE')
    before = manage(replica.url, "audit_verify", check=False)
    assert (before.returncode, before.stdout.splitlines()[0]) == (
        1,
        "database: the record: the next key of user_audit_userstateaudit is one that another row had before",
    )
    statements = manage(
        replica.url, "sqlsequencereset", "auth", "user_lifecycle", "user_audit", "django_fsm_log"
    ).stdout
    replica.execute(statements)
    python(replica.url, LOCK_AND_UNLOCK)
    assert manage(replica.url, "audit_verify", "--journal", str(journal)).returncode == 0
