"""Where and when an answer was given: which host, which database, and how far a standby has come."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connections
from django.utils import timezone

from audit.exceptions import OnStandby, ReplicaBehind

POLL = 0.2
"""Seconds between two looks at how far the replay has come."""

HERE = """
SELECT coalesce(host(inet_server_addr()), current_setting('unix_socket_directories')), current_setting('port'),
    current_database(), pg_is_in_recovery(),
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text,
    pg_last_xact_replay_timestamp()
"""


class Place(NamedTuple):
    """A database at a moment."""

    moment: datetime
    host: str
    database: str
    is_standby: bool = False
    position: str = ""
    """Of the write-ahead log of PostgreSQL: how far it was written or, on a standby, replayed."""

    replayed: datetime | None = None
    """On a standby, when the last transaction was committed that it knows."""

    def __str__(self) -> str:
        where = f"{self.moment:%Y-%m-%d %H:%M:%S %Z}, host {self.host}, database {self.database}"
        if self.is_standby:
            return f"{where}, standby, replay position {self.position}"
        return f"{where}, position {self.position}" if self.position else where


def here(using: str) -> Place:
    """Where and how far this database is now."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return Place(timezone.now(), "local", str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(HERE)
        host, port, database, is_standby, position, replayed = cursor.fetchone()
    return Place(timezone.now(), f"{host}:{port}", database, is_standby, position or "", replayed)


def named(using: str) -> str:
    """What can be said of the place without a connection, for errors that there may be none after."""
    settings = connections[using].settings_dict
    host = settings.get("HOST") or settings.get("OPTIONS", {}).get("host") or "local"
    return f"{timezone.now():%Y-%m-%d %H:%M:%S %Z}, host {host}, database {settings['NAME']}"


def refuse_standby(using: str) -> None:
    """Raise `OnStandby` where this database only follows another one, whose writers nobody sees from here."""
    place = here(using)
    if place.is_standby:
        raise OnStandby(place)


def wait_for(positions: Iterable[str], *, using: str, wait: timedelta) -> Place:
    """
    Wait until a standby has come to all these positions, and return where that is; elsewhere return at once.

    Raises `ReplicaBehind` where it has not got there in time.
    """
    wanted = max((_number(position) for position in positions if position), default=0)
    deadline = time.monotonic() + wait.total_seconds()
    while (place := here(using)).is_standby and _number(place.position) < wanted:
        if time.monotonic() > deadline:
            raise ReplicaBehind(place, f"{wanted >> 32:X}/{wanted & 0xFFFFFFFF:X}")
        time.sleep(POLL)
    return place


def _number(position: str) -> int:
    """A position as PostgreSQL counts: `16/B374D848` is a number of 64 bits in two halves."""
    high, _, low = position.partition("/")
    return (int(high or "0", 16) << 32) + int(low or "0", 16)
