"""After a rotation of the signing keys, everything that an older key has signed stands for as long as it is kept."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.integrity.kept import journal
from tests.factories import make_user

OLD, NEW = "a" * 40, "b" * 40
TOO_EARLY = "is signed with a key that is not in AUDIT_SIGNING_KEYS"

pytestmark = pytest.mark.django_db(transaction=True)


def run(command: str, *arguments: str, **options: Any) -> None:
    call_command(command, *arguments, stdout=StringIO(), **options)


@pytest.fixture
def kept(tmp_path: Path, settings: Any, time_machine: Any) -> dict[str, Any]:
    """Everything that is signed, by the old key: records, notes of every kind, and what is kept elsewhere."""
    settings.AUDIT_SIGNING_KEYS = [OLD]
    vault, lines, archive = tmp_path / "vault", tmp_path / "journal", tmp_path / "2024.gz"
    handler = logging.FileHandler(lines)
    journal.logger.addHandler(handler)
    time_machine.move_to("2024-05-01")
    for name in ("ada", "bob"):
        make_user(name)
    time_machine.move_to("2026-05-01")
    for user in User.objects.all():
        user.fsm.lock(by="system", description="at night")
    User.objects.get(username="ada").fsm.schedule("deactivate", at=timezone.now() + timedelta(days=1), by="HR")
    run("audit_prune", before="2025-01-01", archive=archive)
    run("audit_erase", "bob", reason="asked for it")
    run("audit_declare_disturbance", start="2024-05-01T10:59", end="2024-05-01T11:01", reason="a clock")
    with vault.open("w") as file:
        call_command("audit_checkpoint", stdout=file)
    journal.logger.removeHandler(handler)
    handler.close()
    return {"checkpoint": [str(vault)], "journal": [str(lines)]}


def test_while_the_old_key_is_kept_everything_holds(kept, verify, settings, tmp_path):
    settings.AUDIT_SIGNING_KEYS = [NEW, OLD]
    make_user("cyd")

    assert verify(**kept).findings == []
    assert verify(archive=[str(tmp_path / "2024.gz")]).exit_code == 0
    run("audit_checkpoint", after=[tmp_path / "vault"])
    assert verify(**kept).findings == []


def test_without_the_old_key_each_finding_says_so(kept, verify, settings):
    settings.AUDIT_SIGNING_KEYS = [NEW]

    outcome = verify(journal=kept["journal"])
    found = outcome.findings
    assert outcome.exit_code == 1, outcome.error

    said = {each["kind"] for each in found if each["message"].endswith(TOO_EARLY)}
    assert said == {"unknown_key", "floor", "checkpoint", "archive", "erased", "declaration", "schedule", "journal"}
    others = {each["kind"] for each in found if not each["message"].endswith(TOO_EARLY)}
    assert others == {"missing", "schedule", "erased"}  # what cannot be known without the notes


def test_without_the_old_key_no_file_is_said_to_be_another_one(kept, verify, settings, tmp_path):
    settings.AUDIT_SIGNING_KEYS = [NEW]

    with pytest.raises(CommandError, match=TOO_EARLY):
        run("audit_checkpoint", after=[tmp_path / "vault"])
    with pytest.raises(CommandError, match=TOO_EARLY):
        run("audit_checkpoint")
    outcome = verify(archive=[str(tmp_path / "2024.gz")])
    assert any(TOO_EARLY in each["message"] for each in outcome.findings)
