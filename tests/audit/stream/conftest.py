import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from audit.stream import patience
from tests.audit.stream.receivers import Receiver

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks, and the secret that it shares with the stream."""
    with Receiver(SECRET) as running, override_settings(AUDIT_STREAM_WEBHOOK_SECRET=SECRET):
        yield running


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """The pauses that were made; none of them takes time."""
    made: list[float] = []
    monkeypatch.setattr(patience, "pause", made.append)
    return made


@pytest.fixture
def stream(tmp_path, pauses) -> Callable[..., list[dict[str, Any]]]:
    """Streams to a file and returns the events in it; each call goes on with the same file."""
    path = tmp_path / "events.jsonl"

    def run(**options: Any) -> list[dict[str, Any]]:
        call_command("audit_stream", to=f"file:{path}", **options)
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    return run
