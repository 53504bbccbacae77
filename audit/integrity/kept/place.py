"""Names the host and database that gave an answer, and how far a standby has got."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connections
from django.utils import timezone

from audit.exceptions import OnStandby, ReplicaBehind

POLL = 0.2
"""The seconds between two checks of the replay position."""

HERE = """
SELECT host(inet_server_addr()), current_setting('port'), current_database(), pg_is_in_recovery(),
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text,
    pg_last_xact_replay_timestamp()
"""


class Place(NamedTuple):
    """A database at some time."""

    moment: datetime
    host: str
    database: str
    is_standby: bool = False
    position: str = ""
    """The position in PostgreSQL's write-ahead log that was written or, on a standby, replayed."""

    replayed: datetime | None = None
    """On a standby, the commit time of the last replayed transaction."""

    def __str__(self) -> str:
        where = f"{self.moment:%Y-%m-%d %H:%M:%S %Z}, host {self.host}, database {self.database}"
        if self.is_standby:
            return f"{where}, standby, replay position {self.position}"
        return f"{where}, position {self.position}" if self.position else where


def here(using: str) -> Place:
    """Return the host, database and position now."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return Place(timezone.now(), "local", str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(HERE)
        host, port, database, is_standby, position, replayed = cursor.fetchone()
        host = host or connection.connection.info.host  # the folder of the socket, which few roles may ask the server
    return Place(timezone.now(), f"{host}:{port}", database, is_standby, position or "", replayed)


def named(using: str) -> str:
    """Return what is known about the place without a connection, for error messages."""
    settings = connections[using].settings_dict
    host = settings.get("HOST") or settings.get("OPTIONS", {}).get("host") or "local"
    return f"{timezone.now():%Y-%m-%d %H:%M:%S %Z}, host {host}, database {settings['NAME']}"


def refuse_standby(using: str) -> None:
    """Raise `OnStandby` on a standby, which cannot see the writers of its primary."""
    place = here(using)
    if place.is_standby:
        raise OnStandby(place)


def wait_for(positions: Iterable[str], *, using: str, wait: timedelta) -> None:
    """
    Wait until a standby has replayed all these positions. Elsewhere, return at once.

    Raises `ReplicaBehind` if it takes too long.
    """
    wanted = max((_number(position) for position in positions if position), default=0)
    deadline = time.monotonic() + wait.total_seconds()
    while (place := here(using)).is_standby and _number(place.position) < wanted:
        if time.monotonic() > deadline:
            raise ReplicaBehind(place, f"{wanted >> 32:X}/{wanted & 0xFFFFFFFF:X}")
        time.sleep(POLL)


def _number(position: str) -> int:
    """Return a position as a number: `16/B374D848` is 64 bits in two halves."""
    high, _, low = position.partition("/")
    return (int(high or "0", 16) << 32) + int(low or "0", 16)
