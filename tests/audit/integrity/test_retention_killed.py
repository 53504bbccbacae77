"""`kill -9` at any point of `audit_prune` loses nothing, and the same call goes on."""

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from audit.models import UserStateAudit
from tests.factories import make_user
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)

PRUNE_AND_DIE = """
import os, pathlib, signal, sys
import django
django.setup()
from django.core.management import call_command
from audit.integrity import retention
from audit.integrity.kept import archives

retention.BATCH = 4
where, name, calls, path = sys.argv[1:]
owner = {"archives": archives, "os": os, "Path": pathlib.Path, "Pruning": retention.Pruning}[where]
carry_out, left = getattr(owner, name), int(calls)

def die_at_last(*args, **kwargs):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return carry_out(*args, **kwargs)

setattr(owner, name, die_at_last)
call_command("audit_prune", before="2021-01-01", archive=pathlib.Path(path))
"""

POINTS = {
    "in the middle of writing": ("archives", "line_of", 5),
    "before it is on the disk": ("os", "fsync", 1),
    "before it has its name": ("archives", "_name", 1),
    "when it has both names": ("Path", "unlink", 2),
    "when it has its name": ("archives", "fsync_folder", 1),
    "in the first batch": ("Pruning", "_note", 1),
    "in the second batch": ("Pruning", "_note", 2),
    "between two batches": ("Pruning", "_delete", 3),
}


@pytest.fixture
def written(time_machine):
    """All records there ever were: five of ada, bob and cyd each, of 2020."""
    time_machine.move_to(datetime(2020, 5, 1, tzinfo=UTC))
    for name in ("ada", "bob", "cyd"):
        make_user(name)
    for transition in ("lock", "unlock") * 2:
        UserFSM.objects.bulk_transition(transition, by="system")
    time_machine.move_to(datetime(2026, 5, 1, tzinfo=UTC))
    return set(UserStateAudit.objects.values_list("user_id", "sequence", "signature"))


def archived(path):
    if not path.exists():
        return set()
    with gzip.open(path, "rt") as lines:
        records = [json.loads(line) for line in lines][1:-1]
    return {(record["user_id"], record["sequence"], record["signature"]) for record in records}


def kept():
    return set(UserStateAudit.objects.values_list("user_id", "sequence", "signature"))


def prune_and_die(where, name, calls, archive, environment):
    died = subprocess.run(
        [sys.executable, "-c", PRUNE_AND_DIE, where, name, str(calls), archive],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -9, died.stderr


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_it_loses_nothing_and_goes_on(point, written, environment, tmp_path):
    archive = tmp_path / "2020.jsonl.gz"

    prune_and_die(*POINTS[point], archive, environment)

    assert kept() | archived(archive) == written
    call_command("audit_verify", stdout=StringIO())

    call_command("audit_prune", before="2021-01-01", archive=archive, stdout=StringIO())

    assert sorted(path.name for path in tmp_path.iterdir()) == [archive.name]
    assert len(kept()) == 3
    assert kept() | archived(archive) == written
    assert not kept() & archived(archive)
    call_command("audit_verify", stdout=StringIO())
    call_command("audit_verify", archive=[str(archive)], stdout=StringIO())


def test_a_call_with_another_file_takes_what_the_killed_one_left(written, environment, tmp_path):
    first, second = tmp_path / "first.gz", tmp_path / "second.gz"
    prune_and_die(*POINTS["between two batches"], first, environment)

    call_command("audit_prune", before="2021-01-01", archive=second, stdout=StringIO())

    assert len(archived(first)) == 15
    assert len(archived(second)) == 7
    assert kept() | archived(first) == written
    call_command("audit_verify", stdout=StringIO())
    call_command("audit_verify", archive=[str(first), str(second)], stdout=StringIO())
