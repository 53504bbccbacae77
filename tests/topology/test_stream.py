"""`audit_stream` through PgBouncer, while accounts change."""

from __future__ import annotations

import json
from itertools import pairwise

from tests.topology.clusters import until
from tests.topology.site import manage
from tests.topology.test_failover import lines, storm


def test_through_a_pooler_nothing_is_missed_and_each_account_is_in_order(primary, pooled, tmp_path):
    journal, file = tmp_path / "journal.jsonl", tmp_path / "events.jsonl"
    stream = ("audit_stream", "--to", f"file:{file}", "--cursor", "pooled")

    with storm(primary.url, journal):
        until(lambda: lines(journal) > 50, "a storm")
        for _ in range(3):
            manage(pooled, *stream, DATABASE_PREPARE="off")
    manage(pooled, *stream, DATABASE_PREPARE="off")

    events = [json.loads(line) for line in file.read_text().splitlines()]
    written = [key for (key,) in primary.execute("SELECT id FROM user_audit_userstateaudit")]
    assert sorted(event["id"] for event in events) == sorted(written)
    for user in {event["user_id"] for event in events}:
        sequences = [event["sequence"] for event in events if event["user_id"] == user]
        assert all(after == before + 1 for before, after in pairwise(sequences))
