"""The values of a row that all formats need."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from socket import AF_INET, inet_pton
from typing import Any

from audit.models import Step
from users.database.local_time import in_utc

EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)

VENDOR = "user_lifecycle"
PRODUCT = "user_audit"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def one_line(value: dict[str, Any]) -> str:
    """Return a JSON object without line breaks."""
    return _encode(value)


def filled(value: dict[str, Any]) -> dict[str, Any]:
    """Return the object without empty members. Zero and False are values."""
    return {
        name: member
        for name, each in value.items()
        if (member := filled(each) if each.__class__ is dict else each) or member == 0
    }


def written(moment: datetime | None) -> str | None:
    """Return a time as `2026-01-31T23:59:59.001Z`."""
    return None if moment is None else in_utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: datetime | None) -> int | None:
    """
    Return a time as the milliseconds since 1970. None stands for a time that nobody can read
    (`users.database.moments`).
    """
    return None if moment is None else (in_utc(moment) - EPOCH) // MILLISECOND


def key(value: Any) -> str | None:
    """Return a key as text, because keys are numbers in some projects and UUIDs in others."""
    return None if value is None else str(value)


@lru_cache(maxsize=4096)
def address(text: str | None) -> str | None:
    """
    Return the address if it is one. A change from the command line has none.

    The zone of an IPv6 address (`fe80::1%eth0`) means something on its own host only, and Elasticsearch refuses it.
    """
    if text is None:  # a column that should not be empty
        return None
    with suppress(OSError, ValueError):
        inet_pton(AF_INET, text)  # much quicker, and most addresses are of this kind
        return text
    with suppress(ValueError):
        return str(ip_address(text)).partition("%")[0]
    return None


def sentence(what: str, row: Any) -> str:
    """Return the event as one English sentence, for people who read a single event."""
    if what == "reads":
        return f"{row.initiated_by} read the audit trail: {row.what}, {'?' if row.rows is None else row.rows} records"
    if what == "refusals":
        return f"{row.transition} {row.username}: refused to {row.initiated_by} in the state {row.state} ({row.reason})"
    if what == "scheduled":
        return f"{row.transition} {row.username} at {written(row.at)}: {row.what}, by {row.initiated_by}"
    change = f"{row.start_state or 'nothing'} -> {row.end_state or 'nothing'}"
    return f"{row.transition} {row.username}: {change}, by {row.initiated_by} ({row.cause or 'unknown cause'})"


def action(what: str, row: Any) -> str:
    """
    Return what was done: the transition, or what was read.

    A step of a scheduled change is named after the transition and the step (`deactivate-scheduled`), because it changes
    no account.
    """
    if what == "reads":
        return f"read-{row.what}"
    return f"{row.transition}-{row.what}" if what == "scheduled" else str(row.transition)


def has_failed(what: str, row: Any) -> bool:
    """Whether something was refused: a transition, or a scheduled change when it was due."""
    return what == "refusals" or (what == "scheduled" and row.what == Step.REFUSED)


def ours(row: Any, *names: str) -> dict[str, Any]:
    """Return those of these columns that the row has. Times are written, other values stay."""
    values = {name: getattr(row, name) for name in names if hasattr(row, name)}
    return {name: written(each) if isinstance(each, datetime) else each for name, each in values.items()}
