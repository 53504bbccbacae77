from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from audit import triggers


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
