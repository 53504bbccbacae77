"""Two people archive at the same moment: nothing is lost, and each record leaves once."""

import gzip
import json
from datetime import UTC, datetime
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.integrity import retention
from audit.models import UserStateAudit
from tests.factories import make_user
from tests.threads import at_once
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)


def prune(path):
    call_command("audit_prune", before="2021-01-01", archive=path, stdout=StringIO())


def archived(path):
    with gzip.open(path, "rt") as lines:
        records = [json.loads(line) for line in lines][1:-1]
    return {(record["user_id"], record["sequence"]) for record in records}


def test_two_archives_at_once_lose_nothing(time_machine, tmp_path, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    time_machine.move_to(datetime(2020, 5, 1, tzinfo=UTC))
    for name in ("ada", "bob", "cyd"):
        make_user(name)
    for transition in ("lock", "unlock") * 3:
        UserFSM.objects.bulk_transition(transition, by="system")
    time_machine.move_to(datetime(2026, 5, 1, tzinfo=UTC))
    written = set(UserStateAudit.objects.values_list("user_id", "sequence"))
    paths = [tmp_path / "first.gz", tmp_path / "second.gz"]

    outcomes = at_once(*(partial(prune, path) for path in paths))

    assert {type(outcome) for outcome in outcomes} <= {type(None), CommandError}
    for path in paths:
        prune(path)  # whoever was refused calls again
    kept = set(UserStateAudit.objects.values_list("user_id", "sequence"))
    assert len(kept) == 3
    assert kept | set().union(*(archived(path) for path in paths if path.exists())) == written
    call_command("audit_verify", stdout=StringIO())
