from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit import triggers


@pytest.fixture
def tamper(db) -> Callable[..., None]:
    """Runs SQL as the owner of the tables can: without the triggers."""

    def run(sql: str, params: list[Any] | None = None) -> None:
        with triggers.lifted("default"), connection.cursor() as cursor:
            cursor.execute(sql, params)

    return run
