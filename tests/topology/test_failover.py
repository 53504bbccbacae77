"""The primary dies in the middle of a storm, and a standby takes over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.topology.clusters import Server, until
from tests.topology.conftest import PEOPLE, TABLE
from tests.topology.site import environment, log_in, manage, python, two_servers

WRITERS = 4


@contextmanager
def storm(url: str, journal: Path) -> Iterator[Any]:
    """Writers on this database for as long as the `with` block lasts; then what they say."""
    said: dict[str, Any] = {}
    command = [sys.executable, "-m", "tests.topology.storm", str(journal), str(WRITERS)]
    process = subprocess.Popen(
        command, env=environment(url), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield said
        printed, _ = process.communicate(timeout=60)
        said |= json.loads(printed)
    finally:
        process.kill()
        process.wait()


def lines(journal: Path) -> int:
    return len(journal.read_text().splitlines()) if journal.exists() else 0


def both(*servers: Server) -> str:
    """The URL with which libpq finds the one that can be written to."""
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"


def findings(url: str, *options: str) -> list[dict[str, Any]]:
    printed = manage(url, "audit_verify", "--json", *options, check=False).stdout
    return [each for each in map(json.loads, printed.splitlines()) if "kind" in each]


@pytest.fixture
def cluster(servers):
    """A primary with two standbys that are up to date, all with the project's tables."""
    name = os.urandom(3).hex()
    primary = servers(f"p{name}")
    manage(primary.url, "migrate", "--verbosity=0")
    python(primary.url, PEOPLE)
    standbys = [servers(f"{letter}{name}", primary) for letter in "ab"]
    until(lambda: len(primary.execute("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'")) == 2, "standbys")
    return primary, standbys


def test_synchronous_loses_nothing_that_was_acknowledged(cluster, tmp_path, cache):
    primary, standbys = cluster
    names = ", ".join(each.name for each in standbys)
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 ({names})'")
    primary.execute("SELECT pg_reload_conf()")
    journal, vault = tmp_path / "journal.jsonl", tmp_path / "checkpoints.jsonl"
    url = both(primary, *standbys)

    with two_servers(url, CACHE_URL=cache) as sites, httpx.Client(timeout=60) as client, storm(url, journal) as said:
        assert log_in(client, sites[0], "wanderer").status_code == 302
        until(lambda: lines(journal) > 100, "a storm")
        vault.write_text(manage(primary.url, "audit_checkpoint").stdout)
        until(lambda: lines(journal) > 300, "a storm")
        primary.kill()
        died = time.monotonic()
        successor = max(standbys, key=Server.received)
        successor.promote()
        before = lines(journal)
        until(lambda: lines(journal) > before + 50, "the storm goes on")
        until(lambda: all(_answers(site) for site in sites), "the app servers go on")
        took = time.monotonic() - died

    assert took < 30
    lost = findings(successor.url, "--journal", str(journal), "--checkpoint", str(vault))
    TABLE.setdefault("synchronous", {}).update(
        {
            "acknowledged": str(said["acknowledged"]),
            "lost": str(len(lost)),
            "longest pause": f"{said['longest_pause']:.1f} s",
        }
    )
    assert lost == []


def test_asynchronous_names_each_change_that_was_lost(cluster, tmp_path):
    primary, standbys = cluster
    journal = tmp_path / "journal.jsonl"
    successor = standbys[0]

    with storm(both(primary, successor), journal) as said:
        until(lambda: lines(journal) > 200, "a storm")
        primary.freeze_sending()
        behind = lines(journal)
        until(lambda: lines(journal) > behind + 40, "changes that the standby does not get")
        primary.kill()
        successor.promote()
        before = lines(journal)
        until(lambda: lines(journal) > before + 50, "the storm goes on")

    kept = {signature for (signature,) in successor.execute("SELECT signature FROM user_audit_userstateaudit")}
    missing = [each for each in map(json.loads, journal.read_text().splitlines()) if each["signature"] not in kept]
    named = findings(successor.url, "--journal", str(journal))
    TABLE.setdefault("asynchronous", {}).update(
        {
            "acknowledged": str(said["acknowledged"]),
            "lost": f"{len(missing)}, each named by audit_verify --journal",
            "longest pause": f"{said['longest_pause']:.1f} s",
        }
    )
    assert len(missing) > 0
    assert len(named) >= len(missing)
    for each in missing:
        assert any(each["username"] in str(found) and str(each["sequence"]) in str(found) for found in named), each


def _answers(site: str) -> bool:
    try:
        with httpx.Client(timeout=10) as client:
            return log_in(client, site, "late").status_code == 302
    except httpx.HTTPError:
        return False
