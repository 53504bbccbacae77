"""What Debezium reads: the publication of the record's table, decoded by PostgreSQL itself."""

from __future__ import annotations

import struct
from itertools import pairwise

import psycopg

from tests.topology.conftest import TABLE
from tests.topology.test_failover import lines, storm

PUBLICATION = "CREATE PUBLICATION audit_trail FOR TABLE user_audit_userstateaudit WITH (publish = 'insert')"
SLOT = "SELECT pg_create_logical_replication_slot('siem', 'pgoutput')"
CHANGES = """
SELECT data FROM pg_logical_slot_get_binary_changes(
    'siem', NULL, NULL, 'proto_version', '1', 'publication_names', 'audit_trail'
)
"""


def inserted(messages: list[bytes], columns: list[str]) -> list[dict[str, str | None]]:
    """The rows of the Insert messages, in the order in which their transactions were committed."""
    return [dict(zip(columns, _values(message[8:]), strict=True)) for message in messages if message[:1] == b"I"]


def _values(data: bytes) -> list[str | None]:
    found: list[str | None] = []
    while data:
        kind, data = data[:1], data[1:]
        if kind == b"n":
            found.append(None)
            continue
        (length,) = struct.unpack(">i", data[:4])
        found.append(data[4 : 4 + length].decode())
        data = data[4 + length :]
    return found


def test_the_publication_has_every_row_in_the_order_of_each_account(primary, tmp_path):
    journal = tmp_path / "journal.jsonl"
    primary.execute(PUBLICATION)
    primary.execute(SLOT)
    (last,) = primary.execute("SELECT coalesce(max(id), 0) FROM user_audit_userstateaudit")[0]
    naive: list[int] = []
    highest = last
    with storm(primary.url, journal):
        while lines(journal) < 300:
            rows = primary.execute(f"SELECT id FROM user_audit_userstateaudit WHERE id > {highest} ORDER BY id")
            naive += [key for (key,) in rows]
            highest = max([highest, *naive])
    naive += [key for (key,) in primary.execute(f"SELECT id FROM user_audit_userstateaudit WHERE id > {highest}")]

    with psycopg.connect(primary.url, autocommit=True) as connection:
        columns = [
            name
            for (name,) in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'user_audit_userstateaudit'::regclass "
                "AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
            )
        ]
        messages = [bytes(data) for (data,) in connection.execute(CHANGES)]
    rows = inserted(messages, columns)
    written = {key for (key,) in primary.execute(f"SELECT id FROM user_audit_userstateaudit WHERE id > {last}")}

    assert {int(str(row["id"])) for row in rows} == written
    assert len(rows) == len(written)
    for user in {row["user_id"] for row in rows}:
        sequences = [int(str(row["sequence"])) for row in rows if row["user_id"] == user]
        assert all(after == before + 1 for before, after in pairwise(sequences))
    TABLE.setdefault("logical decoding", {}).update(
        {"acknowledged": str(len(written)), "lost": f"0 (a poll by id > last lost {len(written - {*naive})})"}
    )
