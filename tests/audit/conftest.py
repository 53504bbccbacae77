import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from audit import triggers


@dataclass
class Outcome:
    """What `audit_verify --json` answered."""

    exit_code: int
    findings: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def about_rows(self) -> list[dict[str, Any]]:
        """The findings about rows: a test that puts garbage past a constraint of PostgreSQL has dropped it."""
        return [each for each in self.findings if each["kind"] != "database"]

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
def tamper(db) -> Callable[..., None]:
    """Runs SQL as the owner of the tables can: without the triggers."""

    def run(sql: str, params: list[Any] | None = None) -> None:
        with triggers.lifted("default"), connection.cursor() as cursor:
            cursor.execute(sql, params)

    return run


@pytest.fixture
def kept() -> Iterator[None]:
    """Records are kept, as in production; what empties the tables between tests comes after this fixture's end."""
    with override_settings(AUDIT_RECORDS_DELETABLE=False):
        yield
