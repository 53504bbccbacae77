"""Names the host and database that gave an answer, and how far a standby has got."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from audit.exceptions import OnStandby, ReplicaBehind
from users.database import local_time

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


def has_everything_up_to(until: datetime | None, *, using: str, primary: str, wait: timedelta) -> datetime | None:
    """
    Return the moment up to which a standby has every commit; None for a database that is none.

    Wait until it has come to `until`, unless that is in the future. Raises `ReplicaBehind` if it takes too long. The
    standby itself knows the time of the last commit that it has replayed. That time stands still where nobody writes,
    so a standby that has come to the position of the primary has everything up to now. The primary may be away.
    """
    now = local_time.in_utc(timezone.now())
    wanted = None if until is None or local_time.in_utc(until) > now else local_time.in_utc(until)
    position = _position_of(primary)
    deadline = time.monotonic() + wait.total_seconds()
    while (place := here(using)).is_standby:
        is_level = bool(position) and _number(place.position) >= _number(position)
        as_of = now if is_level else place.replayed
        if as_of is not None and (wanted is None or as_of >= wanted):
            return as_of
        if wanted is None or time.monotonic() > deadline:
            raise ReplicaBehind(place, f"{wanted or now:%Y-%m-%d %H:%M:%S %Z}")
        time.sleep(POLL)
    return None


def _position_of(primary: str) -> str:
    """Return how far the primary has written, or nothing if it does not answer or is none."""
    try:
        place = here(primary)
    except (DatabaseError, InterfaceError):
        connections[primary].close()
        return ""
    return "" if place.is_standby else place.position


def _number(position: str) -> int:
    """Return a position as a number: `16/B374D848` is 64 bits in two halves."""
    high, _, low = position.partition("/")
    return (int(high or "0", 16) << 32) + int(low or "0", 16)
