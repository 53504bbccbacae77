import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.factories import make_user
from users.models import UserFSM


@dataclass
class Outcome:
    """What `audit_verify --json` answered."""

    exit_code: int
    findings: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def named(self) -> list[tuple[str, str, int | None]]:
        return [(each["kind"], each["username"], each["sequence"]) for each in self.findings]


@pytest.fixture
def verify(db) -> Callable[..., Outcome]:
    """Runs `audit_verify --json`."""

    def run(**options: Any) -> Outcome:
        out, code, error = StringIO(), 0, ""
        try:
            call_command("audit_verify", as_json=True, stdout=out, **options)
        except CommandError as raised:
            code, error = raised.returncode, str(raised)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        return Outcome(code, lines[:-1], lines[-1] if lines else {}, error)

    return run


@pytest.fixture
def people(db) -> list[User]:
    """Ada, Bob and Cyd, each with five records: activated, locked, unlocked, locked, unlocked."""
    people = [make_user(name) for name in ("ada", "bob", "cyd")]
    for transition in ("lock", "unlock") * 2:
        UserFSM.objects.bulk_transition(transition, by="system", description="at night")
    return people
